-- A session ends: its lease is given up, and what it flushed last is noted. Does nothing for a superseded one.
--
-- KEYS     1 hash   2 list   3 index
-- ARGV     1 epoch   2 owner token   3 flushed: 1 when everything up to the place was flushed and ack is none
--          4 generation   5 sequence   6 lease, ms: a long-poll's receiver comes back; 0: it is given up
--          7 a fresh generation
-- returns  1 when it was the current session, else 0

local s = read_state(KEYS, now_ms(), ARGV[7], true)
if s.missing or s.epoch ~= tonumber(ARGV[1]) or s.owner ~= ARGV[2] then return 0 end

begin_writes(s)
if ARGV[3] == '1' and names(s, ARGV[4], tonumber(ARGV[5])) then
  note_flushed(s, math.min(tonumber(ARGV[5]), s.sent))
end
s.owner = '' -- no wake carries anything to it
local lease = tonumber(ARGV[6])
if lease > 0 then renew(s, lease) else s.lease = 0 end
tidy(s)
save(s)
return 1
