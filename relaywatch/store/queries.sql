-- Every query of the store, by name. Only what SQLite and PostgreSQL share: a driver for another database
-- translates `:name` placeholders and nothing else. `IN (:listed)` is written out to as many values as there are.

-- ---- mailboxes: positions, sights, notes of the program's own ----

-- name: positions
SELECT folder, name, uidvalidity, last_uid, read_at, gaps, unread FROM positions
WHERE account = :account AND mailbox = :mailbox

-- name: save_position
INSERT INTO positions (account, mailbox, folder, name, uidvalidity, last_uid, gaps, unread)
VALUES (:account, :mailbox, :folder, :name, :uidvalidity, :last_uid, :gaps, :unread)
ON CONFLICT (account, mailbox, folder, name)
DO UPDATE SET uidvalidity = excluded.uidvalidity, last_uid = excluded.last_uid, gaps = excluded.gaps,
  unread = excluded.unread

-- name: save_read
INSERT INTO positions (account, mailbox, folder, name, uidvalidity, last_uid, read_at, gaps)
VALUES (:account, :mailbox, :folder, :name, 0, 0, :read_at, '[]')
ON CONFLICT (account, mailbox, folder, name) DO UPDATE SET read_at = excluded.read_at

-- name: set_aside
INSERT INTO asides (account, mailbox, folder, name, uidvalidity, uid, since, tries, next_try_at, reason)
VALUES (:account, :mailbox, :folder, :name, :uidvalidity, :uid, :since, 0, :next_try_at, :reason)
ON CONFLICT (account, mailbox, folder, name, uidvalidity, uid) DO NOTHING

-- name: asides
SELECT * FROM asides WHERE account = :account AND mailbox = :mailbox ORDER BY next_try_at, uid

-- name: put_off_aside
UPDATE asides SET tries = tries + 1, next_try_at = :next_try_at
WHERE account = :account AND mailbox = :mailbox AND folder = :folder AND name = :name
  AND uidvalidity = :uidvalidity AND uid = :uid

-- name: leave_aside
UPDATE asides SET reason = '', next_try_at = :next_try_at
WHERE account = :account AND mailbox = :mailbox AND folder = :folder AND name = :name
  AND uidvalidity = :uidvalidity AND uid = :uid

-- name: an_aside
SELECT 1 AS found FROM asides WHERE account = :account LIMIT 1

-- name: end_asides_of
DELETE FROM asides WHERE EXISTS (
    SELECT 1 FROM copies
    WHERE copies.message = :message AND copies.account = asides.account AND copies.mailbox = asides.mailbox
      AND copies.folder = asides.folder AND copies.name = asides.name AND copies.uidvalidity = asides.uidvalidity
      AND copies.uid = asides.uid)

-- name: end_aside
DELETE FROM asides
WHERE account = :account AND mailbox = :mailbox AND folder = :folder AND name = :name
  AND uidvalidity = :uidvalidity AND uid = :uid

-- name: save_sight
INSERT INTO mailboxes (account, mailbox, role, seeing, last_read, lost_since, reason)
VALUES (:account, :mailbox, :role, :seeing, :last_read, :lost_since, :reason)
ON CONFLICT (account, mailbox)
DO UPDATE SET role = excluded.role, seeing = excluded.seeing, last_read = excluded.last_read,
              lost_since = excluded.lost_since, reason = excluded.reason

-- name: sights
SELECT account, mailbox, role, seeing, last_read, lost_since, reason FROM mailboxes ORDER BY account, mailbox

-- name: forget_sight
DELETE FROM mailboxes WHERE account = :account AND mailbox = :mailbox

-- name: get_meta
SELECT value FROM meta WHERE key = :key

-- name: set_meta
INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value

-- ---- messages ----

-- name: messages_by_key
SELECT id, key FROM messages WHERE account = :account AND key IN (:listed)

-- name: insert_message
INSERT INTO messages (account, key, received_at, class, author, subject, rule, evidence, topics, unauthenticated,
                      message_id, own_words, rest, facts, verdict_facts)
VALUES (:account, :key, :received_at, :class, :author, :subject, :rule, :evidence, :topics, :unauthenticated,
        :message_id, :own_words, :rest, :facts, :verdict_facts)
RETURNING id

-- name: insert_copy
INSERT INTO copies (message, account, mailbox, role, folder, name, internaldate, received, uidvalidity, uid, facts)
VALUES (:message, :account, :mailbox, :role, :folder, :name, :internaldate, :received, :uidvalidity, :uid, :facts)
ON CONFLICT (account, mailbox, folder, name, uidvalidity, uid) DO NOTHING

-- name: move_copy
UPDATE copies SET name = :name, uidvalidity = :uidvalidity, uid = :uid WHERE id = :id
AND NOT EXISTS (SELECT 1 FROM copies other
                WHERE other.account = copies.account AND other.mailbox = copies.mailbox
                  AND other.folder = copies.folder AND other.name = :name
                  AND other.uidvalidity = :uidvalidity AND other.uid = :uid)

-- name: stub_at
SELECT message AS id FROM copies
WHERE account = :account AND mailbox = :mailbox AND folder = :folder AND name = :name
  AND uidvalidity = :uidvalidity AND uid = :uid
  AND NOT EXISTS (SELECT 1 FROM copies other WHERE other.message = copies.message AND other.id <> copies.id)

-- name: stub_elsewhere
-- messages.key is its id, #, and hex digits.
SELECT messages.id AS id FROM messages
WHERE account = :account AND key BETWEEN :id || '#' AND :id || '#g' AND author = :author AND subject = :subject
  AND EXISTS (
    SELECT 1 FROM copies JOIN asides
      ON asides.account = copies.account AND asides.mailbox = copies.mailbox AND asides.folder = copies.folder
      AND asides.name = copies.name AND asides.uidvalidity = copies.uidvalidity AND asides.uid = copies.uid
    WHERE copies.message = messages.id)
ORDER BY messages.id LIMIT 1

-- name: whole_elsewhere
SELECT id FROM messages
WHERE account = :account AND key BETWEEN :id || '#' AND :id || '#g' AND author = :author AND subject = :subject
  AND (own_words <> '' OR rest <> '')
ORDER BY id LIMIT 1

-- name: renew_message
UPDATE messages SET key = :key, received_at = :received_at, class = :class, author = :author, subject = :subject,
                    rule = :rule, evidence = :evidence, topics = :topics, unauthenticated = :unauthenticated,
                    message_id = :message_id, own_words = :own_words, rest = :rest, facts = :facts,
                    verdict_facts = :verdict_facts
WHERE id = :id AND forgotten = 0
  AND NOT EXISTS (SELECT 1 FROM messages other WHERE other.account = :account AND other.key = :key AND other.id <> :id)

-- name: replace_message
UPDATE messages SET class = :class, author = :author, subject = :subject, rule = :rule, evidence = :evidence,
                    topics = :topics, unauthenticated = :unauthenticated, message_id = :message_id,
                    own_words = :own_words, rest = :rest, facts = :facts, verdict_facts = :verdict_facts
WHERE id = :id AND forgotten = 0

-- name: insert_key
INSERT INTO message_keys (account, key, message) VALUES (:account, :key, :message)
ON CONFLICT (account, key, message) DO NOTHING

-- name: received_earlier
UPDATE messages SET received_at = :received_at
WHERE id = :id AND (received_at IS NULL OR received_at > :received_at)

-- name: delete_keys
DELETE FROM message_keys WHERE message = :message

-- name: keys_of_messages
SELECT DISTINCT key FROM message_keys WHERE message IN (:listed) AND substr(key, 1, 1) <> '~'

-- name: word_keys_of_messages
SELECT message, key FROM message_keys
WHERE message IN (:listed) AND substr(key, 1, 1) <> '~' AND substr(key, 1, 3) <> 'id:'

-- name: hints_of_messages
SELECT DISTINCT key FROM message_keys WHERE message IN (:listed) AND substr(key, 1, 1) = '~'

-- name: bearers_of_named
-- Of each Message-ID that these name, the first that bear it, and the first of those that have no keys: who sends
-- more under it later hides none. messages.key is its id, #, and hex digits.
SELECT DISTINCT bearers.id AS id
FROM message_keys AS named CROSS JOIN messages AS bearers
WHERE named.message IN (:listed) AND substr(named.key, 1, 3) = 'id:'
  AND (bearers.id IN (SELECT id FROM messages
                      WHERE account = :account
                        AND key BETWEEN substr(named.key, 4) || '#' AND substr(named.key, 4) || '#g'
                      ORDER BY id LIMIT :each)
       OR bearers.id IN (SELECT id FROM messages
                         WHERE account = :account
                           AND key BETWEEN substr(named.key, 4) || '#' AND substr(named.key, 4) || '#g'
                           AND NOT EXISTS (SELECT 1 FROM message_keys WHERE message = messages.id)
                         ORDER BY id LIMIT :each))
ORDER BY bearers.id LIMIT :limit

-- name: sellers_among
-- See reply.is_sellers: nobody else puts a mail into Sent, or has it classified so.
SELECT id FROM messages
WHERE id IN (:listed)
  AND (class IN ('seller_reply', 'seller_outreach', 'handover')
       OR class NOT IN ('customer', 'walmart_agent', 'complaint', 'consumer_protection', 'bounce', 'own', 'walmart_notice')
       AND EXISTS (SELECT 1 FROM copies WHERE message = messages.id AND (folder = 'sent' OR role = 'sent')))

-- name: keyless_bearers_of_id
SELECT id FROM messages WHERE account = :account AND key BETWEEN :id || '#' AND :id || '#g'
AND NOT EXISTS (SELECT 1 FROM message_keys WHERE message = messages.id) LIMIT :each

-- name: bounces_of
-- Of the seller's mail among these, what bounces it, of the first that name it: no flood of later mail hides that.
SELECT DISTINCT bounces.id AS id
FROM messages AS sent CROSS JOIN messages AS bounces
WHERE sent.id IN (:listed) AND +bounces.class = 'bounce'
  AND sent.class NOT IN ('customer', 'walmart_agent', 'complaint', 'consumer_protection', 'bounce')
  AND bounces.id IN (SELECT message FROM message_keys
                     WHERE account = sent.account AND key = 'id:' || sent.message_id ORDER BY message LIMIT :named)
ORDER BY bounces.id LIMIT :limit

-- name: messages_beside
SELECT id FROM messages WHERE case_id IN (SELECT case_id FROM messages WHERE id IN (:listed) AND case_id IS NOT NULL)
ORDER BY id DESC LIMIT :limit

-- name: unmet_openers_beside
-- Deadlines first, and of each its message by its key: by its case it would be looked for among all of it.
SELECT messages.id AS id
FROM deadlines CROSS JOIN messages
WHERE deadlines.case_id IN (SELECT case_id FROM messages WHERE id IN (:listed) AND case_id IS NOT NULL)
  AND messages.account = :account AND messages.key = deadlines.started_key
  AND +messages.case_id = deadlines.case_id AND +deadlines.status IN ('running', 'overdue', 'doubtful')
ORDER BY deadlines.due_at, messages.id LIMIT :limit

-- name: keys_by_message
SELECT message, key FROM message_keys WHERE message IN (:listed) AND substr(key, 1, 1) <> '~'

-- name: mark_unjudged
INSERT INTO unjudged (message, account) VALUES (:message, :account) ON CONFLICT (message) DO NOTHING

-- name: unjudged
SELECT message FROM unjudged WHERE account = :account ORDER BY message LIMIT :limit

-- name: unjudged_of_keys
SELECT DISTINCT message_keys.message AS message
FROM message_keys JOIN unjudged ON unjudged.message = message_keys.message
WHERE message_keys.account = :account AND message_keys.key IN (:listed)
ORDER BY message LIMIT :limit

-- name: mark_judged
DELETE FROM unjudged WHERE message IN (:listed)

-- name: messages_of_keys
SELECT DISTINCT message FROM message_keys WHERE account = :account AND key IN (:listed)
ORDER BY message DESC LIMIT :limit

-- name: messages
SELECT id, case_id, account, message_id, subject, author, class, rule, evidence, topics, unauthenticated, facts,
       verdict_facts, forgotten, substr(own_words, 1, :most) AS own_words, substr(rest, 1, :most) AS rest
FROM messages WHERE id IN (:listed)

-- name: sizes
SELECT SUM(length(own_words) + length(rest)) AS size FROM messages WHERE id IN (:listed)

-- name: copies
SELECT * FROM copies WHERE message IN (:listed) ORDER BY message, id

-- name: messages_in_places
SELECT message FROM copies WHERE message IN (:listed) GROUP BY message HAVING COUNT(*) > 1 ORDER BY message

-- name: messages_of_case
SELECT id FROM messages WHERE case_id = :case_id ORDER BY received_at DESC, id DESC LIMIT :limit

-- name: unmet_openers_of_case
SELECT messages.id AS id
FROM cases CROSS JOIN deadlines CROSS JOIN messages
WHERE cases.id = :case_id AND deadlines.case_id = cases.id
  AND messages.account = cases.account AND messages.key = deadlines.started_key
  AND +messages.case_id = deadlines.case_id AND +deadlines.status IN ('running', 'overdue', 'doubtful')
ORDER BY deadlines.due_at, messages.id LIMIT :limit

-- name: messages_after
SELECT id FROM messages WHERE account = :account AND id > :after ORDER BY id LIMIT :limit

-- name: update_verdict
UPDATE messages SET class = :class, rule = :rule, evidence = :evidence, topics = :topics,
                    unauthenticated = :unauthenticated, verdict_facts = :verdict_facts
WHERE id = :id

-- name: forget_message
UPDATE messages SET subject = '', own_words = '', rest = '', evidence = '[]', facts = :facts, forgotten = 1
WHERE id = :id

-- name: messages_to_forget
SELECT id FROM messages
WHERE forgotten = 0 AND received_at < :before
  AND (case_id IS NULL
       OR case_id IN (SELECT id FROM cases WHERE state IN ('resolved', 'waived') AND merged_into IS NULL))
  AND NOT EXISTS (SELECT 1 FROM messages younger
                  WHERE younger.case_id = messages.case_id AND younger.received_at >= :before)
ORDER BY id LIMIT :limit

-- name: forget_cases
UPDATE cases SET subject = '', forgotten = 1
WHERE id IN (SELECT case_id FROM messages WHERE id IN (:listed))

-- name: forget_warnings
UPDATE warnings SET detail = '{}'
WHERE id IN (SELECT warning FROM warning_cases
             WHERE case_id IN (SELECT case_id FROM messages WHERE id IN (:listed)))
  AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.warning = warnings.id AND state = 'pending')

-- ---- cases ----

-- name: insert_case
INSERT INTO cases (account, kind, state, mailbox, counterparty, subject, order_id, topics, opened_at, messages,
                   next_look_at, judged_with, facts)
VALUES (:account, :kind, :state, :mailbox, :counterparty, :subject, :order_id, :topics, :opened_at, :messages,
        :next_look_at, :judged_with, :facts)
RETURNING id

-- name: update_case
UPDATE cases SET account = :account, kind = :kind, state = :state, mailbox = :mailbox,
                 counterparty = :counterparty, subject = :subject, order_id = :order_id, topics = :topics,
                 opened_at = :opened_at, messages = :messages, next_look_at = :next_look_at,
                 judged_with = :judged_with, facts = :facts, failures = 0, last_error = '',
                 merged_into = NULL, dissolved = 0, forgotten = 0
WHERE id = :id

-- name: merge_cases
UPDATE cases SET merged_into = :into, next_look_at = NULL
WHERE id <> :into AND (id IN (:listed) OR merged_into IN (:listed))

-- name: move_messages
UPDATE messages SET case_id = :into WHERE case_id IN (:listed)

-- name: attach_message
UPDATE messages SET case_id = :case_id WHERE id = :id AND (case_id IS NULL OR case_id <> :case_id)

-- name: detach_messages
UPDATE messages SET case_id = NULL WHERE id IN (:listed)

-- name: cases_of_messages
SELECT case_id, MIN(id) AS id FROM messages WHERE id IN (:listed) AND case_id IS NOT NULL GROUP BY case_id

-- name: empty_cases
SELECT id FROM cases WHERE id IN (:listed) AND merged_into IS NULL
AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.case_id = cases.id)

-- name: dissolve_cases
UPDATE cases SET dissolved = 1, next_look_at = NULL
WHERE id IN (:listed) AND merged_into IS NULL
  AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.case_id = cases.id)

-- name: dissolved_cases
SELECT id FROM cases WHERE id IN (:listed) AND dissolved = 1

-- name: delete_deadlines
DELETE FROM deadlines WHERE case_id IN (:listed)

-- name: delete_findings
DELETE FROM findings WHERE case_id IN (:listed)

-- name: deadlines_among
SELECT * FROM deadlines WHERE case_id IN (:listed) ORDER BY id

-- name: findings_among
SELECT * FROM findings WHERE case_id IN (:listed) ORDER BY id

-- name: delete_deadline_rows
DELETE FROM deadlines WHERE id IN (:listed)

-- name: delete_finding_rows
DELETE FROM findings WHERE id IN (:listed)

-- name: delete_loose_findings
DELETE FROM findings WHERE message = :message AND case_id IS NULL

-- name: insert_deadline
INSERT INTO deadlines (case_id, obligation, rule, status, started_at, due_at, met_at, met_by, started_by,
                       started_key, clock, kind, party, facts)
VALUES (:case_id, :obligation, :rule, :status, :started_at, :due_at, :met_at, :met_by, :started_by,
        :started_key, :clock, :kind, :party, :facts)

-- name: update_deadline
UPDATE deadlines SET case_id = :case_id, obligation = :obligation, rule = :rule, status = :status,
                     started_at = :started_at, due_at = :due_at, met_at = :met_at, met_by = :met_by,
                     started_by = :started_by, started_key = :started_key, clock = :clock, kind = :kind,
                     party = :party, facts = :facts
WHERE id = :id

-- name: update_finding
UPDATE findings SET account = :account, case_id = :case_id,
                    message = (SELECT id FROM messages WHERE account = :account AND key = :message_key),
                    code = :code, rule = :rule, at = :at, detail = :detail, mended_by = :mended_by,
                    message_id = :message_id, message_key = :message_key, affects = :affects, facts = :facts
WHERE id = :id

-- name: insert_finding
INSERT INTO findings (account, case_id, message, code, rule, at, detail, mended_by, message_id, message_key,
                      affects, facts)
VALUES (:account, :case_id, (SELECT id FROM messages WHERE account = :account AND key = :message_key),
        :code, :rule, :at, :detail, :mended_by, :message_id, :message_key, :affects, :facts)

-- name: insert_loose_finding
INSERT INTO findings (account, case_id, message, code, rule, at, detail, mended_by, message_id, message_key,
                      affects, facts)
VALUES (:account, NULL, :message, :code, :rule, :at, :detail, :mended_by, :message_id, :message_key,
        :affects, :facts)

-- name: current_case
SELECT COALESCE(merged_into, id) AS id FROM cases WHERE id = :case_id

-- name: case
SELECT * FROM cases WHERE id = :case_id

-- name: cases
SELECT * FROM cases WHERE merged_into IS NULL AND dissolved = 0

-- name: deadlines_of_cases
SELECT deadlines.* FROM deadlines ORDER BY id

-- name: deadlines_of_case
SELECT * FROM deadlines WHERE case_id = :case_id ORDER BY id

-- name: findings_of_cases
SELECT * FROM findings WHERE case_id IS NOT NULL ORDER BY id

-- name: findings_of_case
SELECT * FROM findings WHERE case_id = :case_id ORDER BY id

-- name: due_cases
-- Forged: all that is owed in it is for messages that fail authentication.
SELECT id, account, failures,
       EXISTS (SELECT 1 FROM findings WHERE findings.case_id = cases.id AND code = 'unauthenticated')
       AND NOT EXISTS (
         SELECT 1 FROM deadlines
         WHERE deadlines.case_id = cases.id AND status IN ('running', 'overdue', 'doubtful')
           AND NOT EXISTS (
             SELECT 1 FROM findings
             WHERE findings.case_id = cases.id AND code = 'unauthenticated' AND message_key = started_key
           )
       ) AS forged
FROM cases WHERE account = :account AND next_look_at <= :now ORDER BY forged, next_look_at, id

-- name: still_due
SELECT id FROM cases WHERE id IN (:listed) AND next_look_at <= :now

-- name: next_look_at
SELECT MIN(next_look_at) AS at FROM cases

-- name: claim_case
UPDATE cases SET next_look_at = :new, failures = 0, last_error = '' WHERE id = :case_id AND next_look_at = :seen

-- name: push_case
UPDATE cases SET next_look_at = :until, failures = failures + 1, last_error = :error
WHERE id = :case_id AND merged_into IS NULL AND dissolved = 0

-- name: insert_statement
INSERT INTO statements (case_id, verb, obligation, at, said_at, note, facts)
VALUES (:case_id, :verb, :obligation, :at, :said_at, :note, :facts)
RETURNING id

-- name: statements
SELECT * FROM statements
WHERE case_id = :case_id OR case_id IN (SELECT id FROM cases WHERE merged_into = :case_id)
ORDER BY said_at, id

-- name: counts
SELECT
  (SELECT COUNT(*) FROM cases WHERE state = 'open' AND merged_into IS NULL AND dissolved = 0) AS open,
  (SELECT COUNT(*) FROM deadlines
   WHERE status IN ('running', 'overdue') AND obligation <> 'resolution' AND due_at < :now) AS overdue,
  (SELECT COUNT(*) FROM deadlines WHERE status = 'doubtful') AS doubtful,
  (SELECT COUNT(*) FROM deadlines WHERE status = 'doubtful' AND due_at < :now) AS doubtful_late,
  (SELECT COUNT(DISTINCT warning) FROM deliveries WHERE state IN ('pending', 'failed')) AS unsent

-- ---- warnings and their deliveries ----

-- name: warning_keys_said
SELECT key FROM warning_keys WHERE account = :account AND key IN (:listed)

-- name: insert_warning
INSERT INTO warnings (account, case_id, mailbox, step, rule, obligation, due_at, created_at, message_id, detail,
                      facts)
VALUES (:account, :case_id, :mailbox, :step, :rule, :obligation, :due_at, :created_at, :message_id, :detail,
        :facts)
RETURNING id

-- name: warnings_written
SELECT created_at AS at, facts FROM warnings
WHERE account = :account AND created_at > :since AND created_at <= :until

-- name: insert_warning_key
INSERT INTO warning_keys (account, key, warning) VALUES (:account, :key, :warning)

-- name: insert_warning_case
INSERT INTO warning_cases (warning, case_id) VALUES (:warning, :case_id)

-- name: insert_delivery
INSERT INTO deliveries (warning, recipient, state, attempts, next_try_at, response, error)
VALUES (:warning, :recipient, 'pending', 0, :next_try_at, '', '')
ON CONFLICT (warning, recipient) DO NOTHING

-- name: addressed
SELECT deliveries.id, warning, account, step, recipient
FROM deliveries JOIN warnings ON warnings.id = deliveries.warning
WHERE state = 'pending' ORDER BY deliveries.id

-- name: warnings
SELECT * FROM warnings WHERE id IN (:listed) ORDER BY created_at, id

-- name: keys_of_warnings
SELECT warning, key FROM warning_keys WHERE warning IN (:listed) ORDER BY warning, key

-- name: cases_of_warnings
SELECT warning, case_id FROM warning_cases WHERE warning IN (:listed) ORDER BY warning, case_id

-- name: deliveries_of_warnings
SELECT * FROM deliveries WHERE warning IN (:listed) ORDER BY warning, id

-- name: warnings_of_case
SELECT DISTINCT warning FROM warning_cases
WHERE case_id = :case_id OR case_id IN (SELECT id FROM cases WHERE merged_into = :case_id)

-- name: pending_deliveries
-- No text of others' within the detail has quotes that are not escaped.
SELECT deliveries.id, deliveries.warning, deliveries.recipient, deliveries.began_at,
       deliveries.ended_at, warnings.step
FROM deliveries JOIN warnings ON warnings.id = deliveries.warning
WHERE deliveries.state = 'pending'
ORDER BY CASE WHEN replace(warnings.detail, '"forged":true', '') = warnings.detail THEN 0 ELSE 1 END,
         COALESCE(warnings.due_at, warnings.created_at), deliveries.id

-- name: next_try_at
SELECT MIN(next_try_at) AS at FROM deliveries WHERE state = 'pending'

-- name: delivery_began
UPDATE deliveries SET began_at = :at, attempts = attempts + 1 WHERE id = :id AND state = 'pending'

-- name: delivery_ended
UPDATE deliveries SET state = :state, ended_at = :at, next_try_at = :next_try_at, response = :response,
                      error = :error
WHERE id = :id AND state = 'pending'

-- name: unsay
DELETE FROM warning_keys WHERE warning = (SELECT warning FROM deliveries WHERE id = :id) AND key IN (:listed)

-- name: revive_dropped
UPDATE deliveries SET state = 'pending', next_try_at = :at
WHERE state = 'dropped' AND error = :why
  AND warning IN (SELECT warning FROM warning_keys WHERE account = :account AND key IN (:listed))

-- name: refused
SELECT deliveries.id, warnings.step FROM deliveries JOIN warnings ON warnings.id = deliveries.warning
WHERE state = 'failed' AND ended_at <= :before

-- name: try_refused_again
UPDATE deliveries SET state = 'pending', next_try_at = :at WHERE state = 'failed' AND id IN (:listed)

-- name: untold
SELECT step, COUNT(*) AS untold FROM warnings
WHERE created_at <= :before
  AND id IN (SELECT warning FROM deliveries WHERE state IN ('pending', 'failed'))
  AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.warning = warnings.id AND state = 'sent')
GROUP BY step

-- name: troubles
SELECT recipient, state, error, COUNT(DISTINCT warning) AS warnings, MIN(warnings.created_at) AS since
FROM deliveries JOIN warnings ON warnings.id = deliveries.warning
WHERE state IN ('pending', 'failed') AND error <> ''
GROUP BY recipient, state, error ORDER BY MAX(ended_at) DESC, recipient LIMIT :limit

-- ---- what is learned of the seller's texts ----

-- name: phrases_of_messages
SELECT message, sentence, person, context, delay, at FROM phrases WHERE message IN (:listed)

-- name: phrases
SELECT message, sentence, person, context, delay, at FROM phrases WHERE account = :account AND sentence IN (:listed)

-- name: insert_phrase
INSERT INTO phrases (account, sentence, message, person, context, delay, at)
VALUES (:account, :sentence, :message, :person, :context, :delay, :at)

-- name: delete_phrase
DELETE FROM phrases WHERE message = :message AND sentence = :sentence

-- name: forget_phrases
DELETE FROM phrases WHERE message IN (:listed)

-- name: forget_unused_phrases
DELETE FROM phrases WHERE at < :before AND NOT EXISTS
  (SELECT 1 FROM phrases newer
   WHERE newer.account = phrases.account AND newer.sentence = phrases.sentence AND newer.at >= :before)

-- name: look_again_at_phrases
UPDATE cases SET next_look_at = :now
WHERE merged_into IS NULL AND dissolved = 0 AND (next_look_at IS NULL OR next_look_at > :now)
  AND id IN (SELECT case_id FROM messages JOIN phrases ON phrases.message = messages.id
             WHERE phrases.account = :account AND phrases.sentence IN (:listed))

-- name: look_again_at_wordings
UPDATE cases SET next_look_at = :now
WHERE merged_into IS NULL AND dissolved = 0 AND (next_look_at IS NULL OR next_look_at > :now) AND state = 'open'
  AND id IN (SELECT other.case_id FROM messages said
             JOIN phrases mine ON mine.message = said.id
             JOIN phrases theirs ON theirs.account = mine.account AND theirs.sentence = mine.sentence
             JOIN messages other ON other.id = theirs.message
             WHERE said.account = :account AND said.key = :key)

-- name: judged_wordings
SELECT statements.verb, statements.facts FROM statements JOIN cases ON cases.id = statements.case_id
WHERE cases.account = :account AND statements.verb IN ('confirm', 'reject')

-- ---- clocks that a new standard judged otherwise ----

-- name: insert_rejudged
INSERT INTO rejudged (account, case_id, obligation, started_by, was, status, why, at, judged_with)
VALUES (:account, :case_id, :obligation, :started_by, :was, :status, :why, :at, :judged_with)

-- name: rejudged
SELECT account, case_id, obligation, started_by, was, status, why, at FROM rejudged ORDER BY id LIMIT :limit

-- ---- telling internal parties ----

-- name: uninformed
SELECT case_id, message_key FROM findings
WHERE account = :account AND code = :code AND at > :after AND mended_by IS NULL AND case_id IS NOT NULL
ORDER BY at, id

-- name: informed
SELECT warning_keys.key, warnings.message_id, deliveries.recipient, deliveries.ended_at
FROM warning_keys JOIN warnings ON warnings.id = warning_keys.warning
JOIN deliveries ON deliveries.warning = warnings.id
WHERE warning_keys.account = :account AND warning_keys.key IN (:listed) AND deliveries.state = 'sent'

-- name: look_again_when_told
UPDATE cases SET next_look_at = :at
WHERE merged_into IS NULL AND dissolved = 0 AND (next_look_at IS NULL OR next_look_at > :at)
  AND id IN (SELECT COALESCE(told.merged_into, told.id)
             FROM deliveries JOIN warnings ON warnings.id = deliveries.warning
             JOIN cases told ON told.id = warnings.case_id
             WHERE deliveries.id = :id AND warnings.step = :step)

-- ---- rescues from Junk ----

-- name: want_rescue
INSERT INTO rescues (account, mailbox, name, uidvalidity, uid, message, state, tries, at)
VALUES (:account, :mailbox, :name, :uidvalidity, :uid, :message, 'wanted', 0, :at)
ON CONFLICT (account, mailbox, name, uidvalidity, uid) DO NOTHING

-- name: only_in_junk
SELECT copies.uid, copies.message FROM copies
WHERE account = :account AND mailbox = :mailbox AND folder = 'junk' AND name = :name AND uidvalidity = :uidvalidity
  AND uid IN (:listed)
  AND NOT EXISTS (SELECT 1 FROM copies other WHERE other.message = copies.message AND other.folder <> 'junk')

-- name: wanted_rescues
SELECT name, uidvalidity, uid, tries FROM rescues
WHERE account = :account AND mailbox = :mailbox AND state = 'wanted' ORDER BY name, uidvalidity, uid

-- name: try_rescue
UPDATE rescues SET tries = tries + 1
WHERE account = :account AND mailbox = :mailbox AND name = :name AND uidvalidity = :uidvalidity AND uid = :uid
  AND state = 'wanted'

-- name: end_rescue
UPDATE rescues SET state = :state, at = :at
WHERE account = :account AND mailbox = :mailbox AND name = :name AND uidvalidity = :uidvalidity AND uid = :uid
  AND state = 'wanted'

-- name: rescues_under_way
SELECT messages.key, rescues.mailbox, rescues.at, rescues.state FROM messages
JOIN rescues ON rescues.message = messages.id
WHERE messages.account = :account AND messages.key IN (:listed) AND rescues.state <> 'failed'

-- ---- self-tests ----

-- name: self_test
SELECT * FROM self_tests WHERE account = :account AND address = :address

-- name: begin_self_test
INSERT INTO self_tests (account, address, mailbox, message_id, written_at, state, folder, bounced, failing)
VALUES (:account, :address, :mailbox, :message_id, :written_at, 'waiting', NULL, 0, 0)
ON CONFLICT (account, address)
DO UPDATE SET mailbox = excluded.mailbox, message_id = excluded.message_id, written_at = excluded.written_at,
              state = 'waiting', folder = NULL, bounced = 0

-- name: end_self_test
UPDATE self_tests SET state = :state, failing = :failing WHERE account = :account AND address = :address

-- name: self_test_arrived
UPDATE self_tests SET folder = :folder
WHERE account = :account AND message_id = :message_id AND mailbox = :mailbox AND (folder IS NULL OR folder = 'junk')

-- name: self_test_bounced
UPDATE self_tests SET bounced = 1 WHERE account = :account AND message_id = :message_id

-- name: deliveries_of_key
SELECT deliveries.state, deliveries.ended_at, deliveries.error
FROM warning_keys JOIN deliveries ON deliveries.warning = warning_keys.warning
WHERE warning_keys.account = :account AND warning_keys.key = :key
