"""Fields that an administrator adds to contacts and companies, without code."""
