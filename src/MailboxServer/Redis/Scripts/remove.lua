-- Removes the mailbox with all it holds. An open session learns by its wake, and is told by a reset.
--
-- KEYS     1 hash   2 list   3 index
-- returns  1 when there was anything, else 0

local removed = redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
redis.call('PUBLISH', KEYS[1] .. ':wake', '1')
return removed > 0 and 1 or 0
