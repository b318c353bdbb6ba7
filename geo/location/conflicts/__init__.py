"""Why no plan exists: the demands that conflict and the least relaxation."""
