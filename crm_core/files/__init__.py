"""Files that people add to contacts and calls: kept by content, never believed."""
