"""What a user can ask for: one module per feature, one small function per verb."""
