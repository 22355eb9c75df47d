from cti.control.book import LiveBook
from cti.live.events import CallEnded, CallMerged
from tests.cti.live.desk import Desk


def told(desk: Desk, book: LiveBook) -> None:
    for event in desk.tracker.take():
        book.take(event)


def test_calls_come_change_and_go() -> None:
    desk, book = Desk().call_in(), LiveBook()
    told(desk, book)
    assert len(book) == 1
    call = book.get("main-1.0")
    assert call is not None
    assert call.state == "talking"
    book.take("something else")
    desk.leave("b", "1.0", "1.1").gone("1.1", "1.0")
    told(desk, book)
    assert book.get("main-1.0") is None
    assert list(book) == []


def test_a_call_is_found_under_what_it_was() -> None:
    desk, book = Desk().call_in(), LiveBook()
    told(desk, book)
    call = book.get("main-1.0")
    assert call is not None
    book.take(CallMerged(0.0, "main-3.0", "main-2.0"))
    book.take(CallMerged(0.0, "main-2.0", "main-1.0"))
    assert book.get("main-3.0") is book.get("main-2.0") is call
    assert book.id_of("main-3.0") == "main-1.0"
    book.load([call])
    assert book.get("main-3.0") is call
    book.take(CallEnded(0.0, call.record))
    assert book.get("main-3.0") is None
    assert book.id_of("main-3.0") == "main-3.0"


def test_what_was_missed_is_loaded() -> None:
    desk, book = Desk().call_in(), LiveBook()
    told(desk, book)
    book.take(CallMerged(0.0, "main-5.0", "main-4.0"))
    book.load([])
    assert len(book) == 0
    assert book.id_of("main-5.0") == "main-5.0"
