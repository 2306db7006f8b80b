"""For every rule of the pack: what passes, what fails and with which message, what is unknown, what a config does."""
