"""Tests that every storage of a vault must pass."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from ..vaults.errors import VaultStorageError
from ..vaults.storage.protocol import Reader, Storage, Writer

__all__ = ["StorageConformance"]

MakeStorage = Callable[[], Storage]


class StorageConformance:
    """Tests of what a vault relies on. A subclass defines the fixture `open_storage`.

    It is a function that opens the same place with each call, as another kernel would.
    Every test gets a new place.
    """

    def test_a_storage_does_not_exist_before_the_first_write(
        self, open_storage: MakeStorage
    ) -> None:
        """Reading returns nothing and creates nothing."""
        storage = open_storage()
        assert not storage.exists()
        assert storage.read(lambda reader: reader.get(b"k")) is None
        assert storage.read(lambda reader: reader.scan(b"k")) == []
        assert storage.read(lambda reader: reader.last(b"k")) is None
        assert not storage.exists()
        storage.write(lambda writer: writer.put([(b"k", b"v")]))
        assert storage.exists()

    def test_a_write_is_read_by_another_storage_of_the_same_place(
        self, open_storage: MakeStorage
    ) -> None:
        """Any bytes, at once, and also after closing."""
        values = {b"k" + bytes([n]): bytes([n]) * n * 300 for n in range(256)}
        one, other = open_storage(), open_storage()
        one.write(lambda writer: writer.put(values.items()))
        assert dict(other.read(lambda reader: reader.scan(b"k"))) == values
        one.close()
        other.close()
        other.close()
        assert dict(one.read(lambda reader: reader.scan(b"k"))) == values

    def test_scan_returns_the_keys_with_the_prefix_in_order(
        self, open_storage: MakeStorage
    ) -> None:
        """In the order of bytes, with the prefix itself; `last` returns the last."""
        keys = [b"a", b"b", b"b\0", b"b\0\0", b"b\xfe", b"b\xff", b"b\xff\xff", b"c"]
        storage = open_storage()
        storage.write(lambda writer: writer.put((key, key) for key in reversed(keys)))

        def look(reader: Reader) -> None:
            assert reader.scan(b"b") == [(key, key) for key in keys[1:-1]]
            assert reader.last(b"b") == (b"b\xff\xff", b"b\xff\xff")
            assert reader.scan(b"b\xff") == [(key, key) for key in keys[5:7]]
            assert reader.last(b"b\xff") == (b"b\xff\xff", b"b\xff\xff")
            assert reader.scan(b"d") == []
            assert reader.scan(b"b", after=b"b\0\0") == [(k, k) for k in keys[4:-1]]
            assert reader.scan(b"b", after=b"b\1", most=2) == [
                (key, key) for key in keys[4:6]
            ]
            assert reader.scan(b"b", after=b"a", most=1) == [(b"b", b"b")]
            assert reader.scan(b"b", after=b"c") == []
            assert reader.get(b"b\0") == b"b\0"

        storage.read(look)

    def test_a_writer_sees_its_own_changes(self, open_storage: MakeStorage) -> None:
        """`put` replaces; deleting a missing key is no error."""
        storage = open_storage()

        def change(writer: Writer) -> None:
            writer.put([(b"a", b"1"), (b"b", b"1")])
            writer.put([(b"a", b"2")])
            writer.delete([b"b", b"never there"])
            assert writer.scan(b"a") == [(b"a", b"2")]
            assert writer.get(b"b") is None

        storage.write(change)
        assert storage.read(lambda reader: reader.get(b"a")) == b"2"

    def test_a_write_that_fails_changes_nothing(
        self, open_storage: MakeStorage
    ) -> None:
        """Its error is raised unchanged, and the storage can still be used."""
        storage = open_storage()
        storage.write(lambda writer: writer.put([(b"a", b"1")]))

        def fail(writer: Writer) -> None:
            writer.put([(b"a", b"2"), (b"b", b"2")])
            message = "on purpose"
            raise VaultStorageError(message)

        failed = False
        try:
            storage.write(fail)
        except VaultStorageError as error:
            failed = error.message == "on purpose"
        assert failed
        storage.write(lambda writer: writer.put([(b"c", b"3")]))
        values = [storage.read(lambda r, k=k: r.get(k)) for k in (b"a", b"b", b"c")]  # type: ignore[misc]
        assert values == [b"1", None, b"3"]

    def test_writers_take_turns(self, open_storage: MakeStorage) -> None:
        """What a write reads does not change until it is committed."""

        def count(storage: Storage) -> None:
            def add(writer: Writer) -> None:
                now = int.from_bytes(writer.get(b"n") or b"")
                writer.put([(b"n", (now + 1).to_bytes(4))])

            for _ in range(25):
                storage.write(add)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(count, [open_storage() for _ in range(4)]))
        value = open_storage().read(lambda reader: reader.get(b"n"))
        assert int.from_bytes(value or b"") == 100  # noqa: PLR2004

    def test_the_stamp_changes_when_another_storage_writes(
        self, open_storage: MakeStorage
    ) -> None:
        """And with nothing else, its own writes included."""
        one, other = open_storage(), open_storage()
        one.write(lambda writer: writer.put([(b"a", b"1")]))
        other.write(lambda writer: writer.put([(b"a", b"2")]))
        before = one.stamp()
        assert before is not None
        assert one.stamp() == before
        one.write(lambda writer: writer.put([(b"a", b"3")]))
        one.read(lambda reader: reader.get(b"a"))
        assert one.stamp() == before, "its own write changed it"
        other.write(lambda writer: writer.put([(b"a", b"4")]))
        assert one.stamp() != before, "another's write did not change it"

    def test_a_stamp_taken_in_a_transaction_is_of_its_state(
        self, open_storage: MakeStorage
    ) -> None:
        """So that no write between stamp and read is missed."""
        one, other = open_storage(), open_storage()
        other.write(lambda writer: writer.put([(b"a", b"1")]))
        seen = one.read(lambda reader: (one.stamp(), reader.get(b"a")))
        assert seen == (one.stamp(), b"1")
        other.write(lambda writer: writer.put([(b"a", b"2")]))
        seen = one.write(lambda writer: (one.stamp(), writer.get(b"a")))
        assert seen == (one.stamp(), b"2")

    def test_a_stamp_does_not_wait_for_a_write(self, open_storage: MakeStorage) -> None:
        """Another's long write must not block it."""
        one, other = open_storage(), open_storage()
        other.write(lambda writer: writer.put([(b"a", b"1")]))
        one.read(lambda reader: reader.get(b"a"))
        inside, done = threading.Event(), threading.Event()

        def linger(writer: Writer) -> None:
            writer.put([(b"a", b"2")])
            inside.set()
            done.wait(30)

        writing = threading.Thread(target=lambda: other.write(linger))
        reading = threading.Thread(target=one.stamp)
        writing.start()
        inside.wait(30)
        reading.start()
        reading.join(5)
        is_stuck = reading.is_alive()
        done.set()
        writing.join(30)
        reading.join(30)
        assert not is_stuck

    def test_a_storage_set_aside_is_empty_again(
        self, open_storage: MakeStorage
    ) -> None:
        """`set_aside` moves the content away, and the place can be used again."""
        storage = open_storage()
        storage.write(lambda writer: writer.put([(b"a", b"1")]))
        assert storage.set_aside()
        assert storage.read(lambda reader: reader.get(b"a")) is None
        storage.write(lambda writer: writer.put([(b"a", b"2")]))
        assert open_storage().read(lambda reader: reader.get(b"a")) == b"2"
