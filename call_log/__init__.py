"""What calls there were, on disk: recorder, store, reconcile with the PBX's own truth, reports."""
