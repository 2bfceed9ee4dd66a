-- name: next_number
-- Others who open cases of the prefix wait from here to the end of the transaction.
insert into act_number (prefix, year, last) values (%(prefix)s, %(year)s, 1)
on conflict (prefix, year) do update set last = act_number.last + 1
returning last, nextval(pg_get_serial_sequence('act_case', 'id'))

-- name: insert
insert into act_case (id, number, type, category, title, step, office, lead, supports, opened_by, handler, light,
    level, version, is_open, next_due, opened_at, closed_at, updated_at, returns, grade, rating, parent, follow_sha256)
overriding system value
values (%(id)s, %(number)s, %(type)s, %(category)s, %(title)s, %(step)s, %(office)s, %(lead)s, %(supports)s, %(opened_by)s,
    %(handler)s, %(light)s, %(level)s, %(version)s, %(is_open)s, %(next_due)s, %(opened_at)s, %(closed_at)s,
    %(updated_at)s, %(returns)s, %(grade)s, %(rating)s, %(parent)s, %(follow_sha256)s)

-- name: update
update act_case set category = %(category)s, title = %(title)s, step = %(step)s, lead = %(lead)s,
    supports = %(supports)s, handler = %(handler)s, light = %(light)s, level = %(level)s, version = %(version)s,
    is_open = %(is_open)s, next_due = %(next_due)s, closed_at = %(closed_at)s, updated_at = %(updated_at)s,
    returns = %(returns)s, grade = %(grade)s, rating = %(rating)s
where id = %(id)s

-- name: save_state
insert into act_state (case_id, version, state) values (%(id)s, %(version)s, %(state)s::jsonb)
on conflict (case_id) do update set version = excluded.version, state = excluded.state

-- name: save_words
insert into act_words (case_id, words, search) values (%(id)s, %(words)s, %(search)s::tsvector)
on conflict (case_id) do update set words = excluded.words, search = excluded.search

-- name: lock
select id from act_case where number = %(number)s for update

-- name: loaded
-- The stored state and what timers did since, as events.
select c.id, s.version, s.state::text from act_case c join act_state s on s.case_id = c.id where c.number = %(number)s

-- name: states
-- Stored states of many cases at once; what timers did since is left out.
select c.number, s.state::text from act_case c join act_state s on s.case_id = c.id where c.number = any (%(numbers)s)

-- name: since
select type, body, seq from event where stream = %(stream)s and seq > %(after)s order by seq

-- name: open_children
select count(*) from act_case where parent = %(number)s and is_open

-- name: find_key
select fingerprint, number, version from act_key where actor = %(actor)s and key = %(key)s

-- name: keep_key
insert into act_key (actor, key, fingerprint, number, version, at)
values (%(actor)s, %(key)s, %(fingerprint)s, %(number)s, %(version)s, %(at)s) on conflict do nothing returning key

-- name: settle_key
update act_key set number = %(number)s, version = %(version)s where actor = %(actor)s and key = %(key)s

-- name: save_file_link
insert into act_case_file (case_id, sha256) values (%(id)s, %(sha256)s) on conflict do nothing

-- name: by_follow_code
select opened_by from act_case where number = %(number)s and follow_sha256 = %(follow_sha256)s

-- name: find_signal
select number from act_signal where source = %(source)s and key = %(key)s

-- name: numbers_of_signals
select a.source, a.key, a.number from act_signal a
join unnest(%(sources)s::text[], %(keys)s::text[]) as s(source, key) on s.source = a.source and s.key = a.key
where a.number <> ''

-- name: keep_signal
insert into act_signal (source, key, number, at) values (%(source)s, %(key)s, '', %(at)s)
on conflict do nothing returning key

-- name: settle_signal
update act_signal set number = %(number)s, merged = %(merged)s where source = %(source)s and key = %(key)s

-- name: await_merged
select pg_advisory_xact_lock(hashtextextended(%(merged)s, 0))

-- name: open_case_of
select c.number from act_signal a join act_case c on c.number = a.number
where a.merged = %(merged)s and c.is_open order by c.id desc limit 1

-- name: open_numbers
-- Cases with a running clock, in portions by id: what a new holiday notice may move.
select id, number from act_case where is_open and id > %(after)s order by id limit %(limit)s

-- name: leave_signal
insert into act_signal (source, key, number, at, error) values (%(source)s, %(key)s, '', %(at)s, %(error)s)
on conflict do nothing

-- name: unsettled_signals
select s.source, s.kind, s.subject, s.severity, s.text, s.at, s.key, s.evidence, s.values from signal s
where not exists (select from act_signal a where a.source = s.source and a.key = s.key) order by s.id limit %(limit)s
