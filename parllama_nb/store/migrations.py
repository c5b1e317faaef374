"""The database's schema: the scripts that lead from each version to the next."""

from __future__ import annotations

__all__ = ["MIGRATIONS"]

MIGRATIONS: tuple[str, ...] = (
    # 1: conversations. The text of an unsettled answer is in `chunk`, a row for each
    # piece, so that nothing is lost if the kernel is killed in mid-answer. Settling
    # moves it to `turn`.
    """
    CREATE TABLE session (
        id TEXT PRIMARY KEY,
        name TEXT UNIQUE,
        created REAL NOT NULL
    );
    CREATE TABLE turn (
        id INTEGER PRIMARY KEY,
        session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
        cell_id TEXT,
        model TEXT NOT NULL,
        options TEXT NOT NULL,
        state TEXT NOT NULL,
        question TEXT NOT NULL,
        answer TEXT,
        finish_reason TEXT,
        error TEXT,
        usage TEXT,
        timing TEXT,
        created REAL NOT NULL
    );
    CREATE INDEX turn_session ON turn (session_id, id);
    CREATE UNIQUE INDEX turn_cell ON turn (session_id, cell_id);
    CREATE TABLE chunk (
        turn_id INTEGER NOT NULL REFERENCES turn (id) ON DELETE CASCADE,
        n INTEGER NOT NULL,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (turn_id, n)
    ) WITHOUT ROWID;
    """,
    # 2: runs over many questions, so that an interrupted run can be resumed; and cached
    # answers.
    """
    CREATE TABLE run (
        id INTEGER PRIMARY KEY,
        call TEXT NOT NULL,
        owner TEXT,
        created REAL NOT NULL
    );
    CREATE INDEX run_call ON run (call, id);
    CREATE TABLE run_answer (
        run_id INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        answer TEXT NOT NULL,
        PRIMARY KEY (run_id, number)
    ) WITHOUT ROWID;
    CREATE TABLE cached_answer (
        key TEXT PRIMARY KEY,
        answer TEXT NOT NULL,
        created REAL NOT NULL
    ) WITHOUT ROWID;
    """,
    # 3: each provider's last list of models. `address` is the server's, without a
    # password, because the list of another server does not count.
    """
    CREATE TABLE model_list (
        provider TEXT PRIMARY KEY,
        address TEXT NOT NULL,
        fetched REAL NOT NULL,
        models TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
    # 4: a session's model, options and sums, which also count answers deleted later;
    # an answer's cost, and all of the error that broke it off.
    """
    ALTER TABLE session ADD COLUMN model TEXT;
    ALTER TABLE session ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE session ADD COLUMN cost REAL;
    ALTER TABLE session ADD COLUMN input_tokens INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE session ADD COLUMN output_tokens INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE turn ADD COLUMN cost REAL;
    ALTER TABLE turn ADD COLUMN error_code TEXT;
    ALTER TABLE turn ADD COLUMN error_hint TEXT;
    ALTER TABLE turn ADD COLUMN notes TEXT;
    CREATE INDEX turn_created ON turn (created);
    UPDATE session SET (input_tokens, output_tokens) = (
        SELECT coalesce(sum(json_extract(usage, '$.input_tokens')), 0),
            coalesce(sum(json_extract(usage, '$.output_tokens')), 0)
        FROM turn WHERE session_id = session.id
    );
    """,
    # 5: encrypted conversations. `sealed` is 1 if the texts of a session are encrypted.
    """
    ALTER TABLE session ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;
    """,
    # 6: the prompt library, and which of its prompts asked a turn's question. `key` is
    # what names are compared by, NULL once deleted; `words` are description and tags
    # as they are looked for; `source_key` is the key of the name in its source,
    # `imported` the digest of what was imported last, `indexed` the version that full
    # text search knows.
    """
    CREATE TABLE prompt (
        id INTEGER PRIMARY KEY,
        key TEXT UNIQUE,
        name TEXT NOT NULL,
        version INTEGER NOT NULL,
        description TEXT NOT NULL,
        tags TEXT NOT NULL,
        words TEXT NOT NULL,
        source TEXT NOT NULL,
        source_key TEXT,
        imported TEXT NOT NULL DEFAULT '',
        indexed INTEGER NOT NULL DEFAULT 0,
        sealed INTEGER NOT NULL DEFAULT 0,
        favourite INTEGER NOT NULL DEFAULT 0,
        uses INTEGER NOT NULL DEFAULT 0,
        used REAL,
        created REAL NOT NULL,
        changed REAL NOT NULL,
        deleted REAL
    );
    CREATE INDEX prompt_source ON prompt (source, source_key);
    CREATE INDEX prompt_order ON prompt (favourite DESC, key, words)
        WHERE key IS NOT NULL;
    CREATE INDEX prompt_unindexed ON prompt (version)
        WHERE indexed <> version AND NOT sealed AND deleted IS NULL;
    CREATE TABLE prompt_version (
        prompt_id INTEGER NOT NULL REFERENCES prompt (id) ON DELETE CASCADE,
        version INTEGER NOT NULL,
        content TEXT NOT NULL,
        created REAL NOT NULL,
        PRIMARY KEY (prompt_id, version)
    ) WITHOUT ROWID;
    ALTER TABLE turn ADD COLUMN library_prompt TEXT;
    """,
    # 7: branches. A turn follows its `parent`, NULL for a first one; turns with one
    # parent are alternatives. A session shows the turns that lead to its `tip`.
    # `edited` is when the user changed a text of a turn. `asked_after` is the parent
    # that it had at first: what was deleted between the two may come back. So that an
    # id never means another turn, the table is made anew: SQLite can only then keep
    # those of deleted rows from being given again.
    """
    ALTER TABLE session ADD COLUMN tip INTEGER;
    CREATE TABLE new_turn (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
        cell_id TEXT,
        model TEXT NOT NULL,
        options TEXT NOT NULL,
        state TEXT NOT NULL,
        question TEXT NOT NULL,
        answer TEXT,
        finish_reason TEXT,
        error TEXT,
        usage TEXT,
        timing TEXT,
        created REAL NOT NULL,
        cost REAL,
        error_code TEXT,
        error_hint TEXT,
        notes TEXT,
        library_prompt TEXT,
        parent INTEGER,
        asked_after INTEGER,
        edited REAL
    );
    INSERT INTO new_turn SELECT *, NULL, NULL, NULL FROM turn;
    DROP TABLE turn;
    ALTER TABLE new_turn RENAME TO turn;
    CREATE INDEX turn_session ON turn (session_id, id);
    CREATE UNIQUE INDEX turn_cell ON turn (session_id, cell_id);
    CREATE INDEX turn_created ON turn (created);
    CREATE INDEX turn_parent ON turn (session_id, parent);
    CREATE INDEX turn_asked_after ON turn (asked_after);
    UPDATE turn SET parent = (
        SELECT max(before.id) FROM turn AS before
        WHERE before.session_id = turn.session_id AND before.id < turn.id
    );
    UPDATE turn SET asked_after = parent;
    UPDATE session SET tip = (SELECT max(id) FROM turn WHERE session_id = session.id);
    """,
    # 8: the ledger: a row for each request that was sent, without any text of it; and
    # the sums of each day by what requests have in common (`by` says what: "model",
    # "notebook", ...), which years are read from. `day` is that of the wall's clock.
    """
    CREATE TABLE ledger (
        id INTEGER PRIMARY KEY,
        began REAL NOT NULL,
        seconds REAL NOT NULL,
        notebook TEXT NOT NULL,
        conversation TEXT,
        purpose TEXT NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        host TEXT NOT NULL,
        sent_to TEXT NOT NULL,
        local INTEGER NOT NULL,
        bytes INTEGER,
        attachments TEXT NOT NULL,
        input_tokens INTEGER,
        output_tokens INTEGER,
        cached_tokens INTEGER,
        cache_write_tokens INTEGER,
        reasoning_tokens INTEGER,
        cost REAL,
        ended TEXT NOT NULL,
        error TEXT NOT NULL
    );
    CREATE INDEX ledger_began ON ledger (began);
    CREATE TABLE ledger_day (
        by TEXT NOT NULL,
        day TEXT NOT NULL,
        name TEXT NOT NULL,
        requests INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        attachments INTEGER NOT NULL,
        input_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        cached_tokens INTEGER NOT NULL,
        reasoning_tokens INTEGER NOT NULL,
        cost REAL NOT NULL,
        unpriced INTEGER NOT NULL,
        PRIMARY KEY (by, day, name)
    ) WITHOUT ROWID;
    """,
    # 9: the bytes of attachments, apart from the turns that have them. `digest` is that
    # of the bytes, NULL in an encrypted session, whose `data` is an encrypted text.
    """
    CREATE TABLE attachment (
        id TEXT PRIMARY KEY,
        session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
        digest BLOB,
        data BLOB NOT NULL
    );
    CREATE UNIQUE INDEX attachment_digest ON attachment (session_id, digest);
    CREATE TABLE turn_attachment (
        turn_id INTEGER NOT NULL REFERENCES turn (id) ON DELETE CASCADE,
        attachment_id TEXT NOT NULL REFERENCES attachment (id) ON DELETE CASCADE,
        PRIMARY KEY (turn_id, attachment_id)
    ) WITHOUT ROWID;
    CREATE INDEX turn_attachment_id ON turn_attachment (attachment_id);
    """,
    # 10: the memory, in one row, and the texts that it had. `revision` counts changes,
    # `current` is the version that holds, 0 for none; `before` is the version that one
    # was written on.
    """
    CREATE TABLE memory (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        revision INTEGER NOT NULL,
        current INTEGER NOT NULL
    );
    CREATE TABLE memory_version (
        version INTEGER PRIMARY KEY AUTOINCREMENT,
        before INTEGER NOT NULL,
        text TEXT NOT NULL,
        created REAL NOT NULL
    );
    """,
    # 11: what a list shows of sessions. Triggers keep `turns`, the count, and `used`,
    # the start of the last one. A deleted session has no name, and `was` is what it
    # was. If `sealed` is 2, title, folder and tags are encrypted in `about`; `name` is
    # a random handle, and a title finds the session by `title_hash`. What its answers
    # used is in `session_spent`. `place` is a turn's number in its branch, `indexed`
    # says that full text search knows it.
    """
    ALTER TABLE session ADD COLUMN folder TEXT NOT NULL DEFAULT '';
    ALTER TABLE session ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE session ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE session ADD COLUMN used REAL NOT NULL DEFAULT 0;
    ALTER TABLE session ADD COLUMN turns INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE session ADD COLUMN deleted REAL;
    ALTER TABLE session ADD COLUMN was TEXT;
    ALTER TABLE session ADD COLUMN about TEXT;
    ALTER TABLE session ADD COLUMN title_hash BLOB;
    ALTER TABLE turn ADD COLUMN place INTEGER;
    ALTER TABLE turn ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX session_title ON session (title_hash) WHERE title_hash IS NOT NULL;
    CREATE INDEX session_deleted ON session (deleted) WHERE deleted IS NOT NULL;
    CREATE INDEX turn_unindexed ON turn (id) WHERE indexed = 0 AND state = 'settled';
    CREATE TABLE title_salt (salt BLOB NOT NULL);
    CREATE TABLE session_spent (
        session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
        n INTEGER NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (session_id, n)
    ) WITHOUT ROWID;
    UPDATE session SET (turns, used) = (
        SELECT count(*), max(session.created, coalesce(max(turn.created), 0))
        FROM turn WHERE session_id = session.id
    );
    CREATE TRIGGER turn_added AFTER INSERT ON turn BEGIN
        UPDATE session SET turns = turns + 1, used = max(used, new.created)
            WHERE id = new.session_id;
    END;
    CREATE TRIGGER turn_asked AFTER UPDATE OF created ON turn BEGIN
        UPDATE session SET used = max(used, new.created) WHERE id = new.session_id;
    END;
    CREATE TRIGGER turn_removed AFTER DELETE ON turn BEGIN
        UPDATE session SET turns = turns - 1 WHERE id = old.session_id;
    END;
    """,
    # 12: a search looks for turns that never settled, which no index of texts has.
    """
    CREATE INDEX turn_unsettled ON turn (id) WHERE state = 'streaming';
    """,
)
"""Scripts that lead from each schema version to the next. Only add, never change."""
