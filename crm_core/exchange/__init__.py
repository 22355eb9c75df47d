"""Contacts and companies in from files and out to them: CSV, XLSX, vCard."""
