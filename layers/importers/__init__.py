"""Files of others brought in: read behind a gate, checked, and put into a layer as a revision."""
