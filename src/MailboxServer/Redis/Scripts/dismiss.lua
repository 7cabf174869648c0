-- Closes the mailbox's receiver, if it has one: nobody's epoch is the current one any more.
--
-- KEYS     1 hash   2 list   3 index
-- ARGV     1 a fresh generation
-- returns  1 when a receiver was present, 0 when not

local s = read_state(KEYS, now_ms(), ARGV[1])
if s.missing then return 0 end
local present = is_present(s) and 1 or 0
begin_writes(s)
s.epoch, s.owner, s.receiver, s.lease = s.epoch + 1, '', '', 0
tidy(s)
save(s)
wake(s)
return present
