"""Results as documents: what the command line, HTTP and the report all show."""
