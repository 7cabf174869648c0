-- The state of one mailbox, for operators.
--
-- KEYS     1 hash   2 list   3 index
-- ARGV     1 a fresh generation
-- returns  nothing when there is no such mailbox, else
--          now, generation, first, last, sent, flushed, live messages, bytes, deadline, epoch, receiver, lease,
--          maxMessages, maxBytes, overflow, timeToLive (times in ms), who holds it open (epoch, node, transport, since), or ''

local s = read_state(KEYS, now_ms(), ARGV[1])
if s.missing and s.length == 0 then return {} end
begin_writes(s)
tidy(s)
save(s)
return { s.now, s.generation, s.first, s.last, s.sent, s.flushed, live_count(s), s.bytes, s.deadline, s.epoch, s.receiver,
  s.lease, s.maxMessages, s.maxBytes, s.overflow, s.timeToLive, redis.call('HGET', KEYS[1], 'holder') or '' }
