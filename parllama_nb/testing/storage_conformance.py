"""What every storage of a vault must do, as tests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from ..vaults.errors import VaultStorageError
from ..vaults.storage.protocol import Reader, Storage, Writer

__all__ = ["StorageConformance"]

MakeStorage = Callable[[], Storage]


class StorageConformance:
    """What a vault relies on. A subclass gives the fixture `open_storage`.

    It is a function that opens the same place anew with each call, as another kernel
    would, and the place is a new one for every test.
    """

    def test_nothing_is_there_until_something_is_written(
        self, open_storage: MakeStorage
    ) -> None:
        """Reading makes nothing, and finds nothing."""
        storage = open_storage()
        assert not storage.exists()
        assert storage.read(lambda reader: reader.get(b"k")) is None
        assert storage.read(lambda reader: reader.scan(b"k")) == []
        assert storage.read(lambda reader: reader.last(b"k")) is None
        assert not storage.exists()
        storage.write(lambda writer: writer.put([(b"k", b"v")]))
        assert storage.exists()

    def test_what_is_written_is_there_for_another(
        self, open_storage: MakeStorage
    ) -> None:
        """Any bytes, at once, and after it was closed."""
        values = {b"k" + bytes([n]): bytes([n]) * n * 300 for n in range(256)}
        one, other = open_storage(), open_storage()
        one.write(lambda writer: writer.put(values.items()))
        assert dict(other.read(lambda reader: reader.scan(b"k"))) == values
        one.close()
        other.close()
        other.close()
        assert dict(one.read(lambda reader: reader.scan(b"k"))) == values

    def test_scan_is_in_order_and_of_the_prefix_only(
        self, open_storage: MakeStorage
    ) -> None:
        """As bytes are ordered, the prefix itself included; `last` is its last."""
        keys = [b"a", b"b", b"b\0", b"b\0\0", b"b\xfe", b"b\xff", b"b\xff\xff", b"c"]
        storage = open_storage()
        storage.write(lambda writer: writer.put((key, key) for key in reversed(keys)))

        def look(reader: Reader) -> None:
            assert reader.scan(b"b") == [(key, key) for key in keys[1:-1]]
            assert reader.last(b"b") == (b"b\xff\xff", b"b\xff\xff")
            assert reader.scan(b"b\xff") == [(key, key) for key in keys[5:7]]
            assert reader.last(b"b\xff") == (b"b\xff\xff", b"b\xff\xff")
            assert reader.scan(b"d") == []
            assert reader.get(b"b\0") == b"b\0"

        storage.read(look)

    def test_a_writer_sees_its_own_changes(self, open_storage: MakeStorage) -> None:
        """Put replaces; what is not there can be deleted."""
        storage = open_storage()

        def change(writer: Writer) -> None:
            writer.put([(b"a", b"1"), (b"b", b"1")])
            writer.put([(b"a", b"2")])
            writer.delete([b"b", b"never there"])
            assert writer.scan(b"a") == [(b"a", b"2")]
            assert writer.get(b"b") is None

        storage.write(change)
        assert storage.read(lambda reader: reader.get(b"a")) == b"2"

    def test_what_fails_leaves_nothing(self, open_storage: MakeStorage) -> None:
        """The error comes out as it is, and the storage goes on."""
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
        found = [storage.read(lambda r, k=k: r.get(k)) for k in (b"a", b"b", b"c")]  # type: ignore[misc]
        assert found == [b"1", None, b"3"]

    def test_writers_take_turns(self, open_storage: MakeStorage) -> None:
        """What is read in a write is still so when it is kept."""

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

    def test_the_stamp_tells_of_others(self, open_storage: MakeStorage) -> None:
        """It changes with what others write, and with nothing else."""
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
        """So that nothing written between the two is missed."""
        one, other = open_storage(), open_storage()
        other.write(lambda writer: writer.put([(b"a", b"1")]))
        seen = one.read(lambda reader: (one.stamp(), reader.get(b"a")))
        assert seen == (one.stamp(), b"1")
        other.write(lambda writer: writer.put([(b"a", b"2")]))
        seen = one.write(lambda writer: (one.stamp(), writer.get(b"a")))
        assert seen == (one.stamp(), b"2")

    def test_a_stamp_does_not_wait(self, open_storage: MakeStorage) -> None:
        """Somebody else's long write is no reason to stand still."""
        one, other = open_storage(), open_storage()
        other.write(lambda writer: writer.put([(b"a", b"1")]))
        one.read(lambda reader: reader.get(b"a"))
        inside, done = threading.Event(), threading.Event()

        def linger(writer: Writer) -> None:
            writer.put([(b"a", b"2")])
            inside.set()
            done.wait(30)

        writing = threading.Thread(target=lambda: other.write(linger))
        looked: list[object] = []
        looking = threading.Thread(target=lambda: looked.append(one.stamp()))
        writing.start()
        inside.wait(30)
        looking.start()
        looking.join(5)
        is_stuck = looking.is_alive()
        done.set()
        writing.join(30)
        looking.join(30)
        assert not is_stuck

    def test_what_is_set_aside_makes_room(self, open_storage: MakeStorage) -> None:
        """It is kept somewhere, and here begins anew."""
        storage = open_storage()
        storage.write(lambda writer: writer.put([(b"a", b"1")]))
        assert storage.set_aside()
        assert storage.read(lambda reader: reader.get(b"a")) is None
        storage.write(lambda writer: writer.put([(b"a", b"2")]))
        assert open_storage().read(lambda reader: reader.get(b"a")) == b"2"
