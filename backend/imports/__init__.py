"""Commands that bring the user's own data to a service, from outside and over HTTP."""
