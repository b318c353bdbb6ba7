"""What is stored: facts, schemas, workspaces, scenarios."""
