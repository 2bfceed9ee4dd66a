-- name: by_sha256
select * from document where sha256 = %(sha256)s

-- name: by_id
select * from document where id = %(id)s

-- name: listed
select * from document order by year desc nulls last, name, id

-- name: text
select raw, restored, starts, ends from document_text where document_id = %(id)s

-- name: source
select source from document_text where document_id = %(id)s

-- name: passages
select index, role, level, section, start_at as start, end_at as end, text, locator
from passage where document_id = %(id)s order by index

-- name: save_document
-- Of a document read anew, its first name and day of import stay.
insert into document (sha256, name, media_type, size_bytes, encoding, title, city, speaker, published, year, chars,
                      reader, imported_at, read_at, statements, commitments)
values (%(sha256)s, %(name)s, %(media_type)s, %(size_bytes)s, %(encoding)s, %(title)s, %(city)s, %(speaker)s,
        %(published)s, %(year)s, %(chars)s, %(reader)s, %(at)s, %(at)s, %(statements)s, %(commitments)s)
on conflict (sha256) do update set
    media_type = excluded.media_type, encoding = excluded.encoding, title = excluded.title, city = excluded.city,
    speaker = excluded.speaker, published = excluded.published, year = excluded.year, chars = excluded.chars,
    reader = excluded.reader, read_at = excluded.read_at,
    statements = excluded.statements, commitments = excluded.commitments
returning id

-- name: save_text
insert into document_text (document_id, source, raw, restored, starts, ends)
values (%(id)s, %(source)s, %(raw)s, %(restored)s, %(starts)s, %(ends)s)
on conflict (document_id) do update set
    raw = excluded.raw, restored = excluded.restored, starts = excluded.starts, ends = excluded.ends

-- name: clear_passages
delete from passage where document_id = %(id)s

-- name: copy_passages
copy passage (document_id, index, role, level, section, start_at, end_at, text, locator) from stdin

-- name: clear_entries
delete from entry where document_id = %(id)s

-- name: new_ids
select nextval(pg_get_serial_sequence('entry', 'id')) from generate_series(1, %(count)s)

-- name: copy_entries
copy entry (id, document_id, family, start_at, quote, name, value, unit, measure, direction, bound, reference, verb,
            stage, due, kind, period, year, subject, section, sentence, canonical, topic, confidence, locator, review)
from stdin

-- name: copy_words
copy entry_words (entry_id, words, search) from stdin

-- name: remove
delete from document where id = %(id)s returning sha256, name
