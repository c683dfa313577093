"""The console's state: stores, sync, session, actions. QtCore and QtGui only."""
