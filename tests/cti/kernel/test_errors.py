"""Every error says by its root what the caller can do."""

from cti.kernel import errors


def test_each_error_has_one_of_three_roots_and_a_sentence() -> None:
    roots = (errors.RefusedError, errors.UnavailableError, errors.ConfigurationError)
    kinds = [e for e in vars(errors).values() if isinstance(e, type) and e is not errors.TamasError]
    assert len(kinds) == 11
    for kind in kinds:
        assert sum(issubclass(kind, root) for root in roots) == 1
        assert kind.__doc__


def test_values_are_kept_apart_for_translation() -> None:
    error = errors.InvalidError("%(field)s is too long.", field="name")
    assert (str(error), error.text, error.values) == ("name is too long.", "%(field)s is too long.", {"field": "name"})
    assert str(errors.InvalidError("100 % of nothing")) == "100 % of nothing"
