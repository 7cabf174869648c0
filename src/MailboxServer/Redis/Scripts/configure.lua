-- Creates a mailbox with limits of its own, or changes them.
--
-- KEYS     1 hash   2 list   3 index
-- ARGV     1 limits as JSON: maxMessages, maxBytes, overflow, timeToLive (ms), each optional   2 a fresh generation
-- returns  1 when it was created, 0 when it was there

local s = read_state(KEYS, now_ms(), ARGV[2])
begin_writes(s)
s.limits = ARGV[1]
use_limits(s, s.limits)
s.deadline, s.renewed = math.max(s.now + s.timeToLive, s.lease), true -- not under its receiver
tidy(s)
save(s)
return s.missing and s.length == 0 and 1 or 0
