"""An embedded Kong for one machine: Admin API and proxy, running the Lua text that is deployed to a real Kong."""
