-- What a look at all mailboxes wants to know of one. It changes nothing.
--
-- KEYS     1 hash   2 list   3 index
-- ARGV     1 a fresh generation
-- returns  now; and when there is such a mailbox
--          generation ('' while only bare deliveries are there), deadline, epoch, lease (0: given up), flushed,
--          messages that nobody has received (times in ms)

local s = read_state(KEYS, now_ms(), ARGV[1], true)
if s.missing and s.length == 0 then return { s.now } end
local generation, deadline = s.generation, s.deadline
if s.missing then
  local left = redis.call('PTTL', KEYS[2])
  generation, deadline = '', left > 0 and s.now + left or deadline
end
return { s.now, generation, deadline, s.epoch, s.lease, s.flushed, live_between(s, math.max(s.first, s.flushed + 1), s.last) }
