"""What people and programs touch: command line, HTTP, workbench, maps, reports."""
