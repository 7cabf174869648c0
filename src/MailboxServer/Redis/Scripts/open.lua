-- Makes this connection the mailbox's receiver (or a shared watcher) and finds its place.
--
-- KEYS     1 hash   2 list   3 index
-- ARGV     1 mode: receiver | shared | reopen (the same session again, after Redis lost its epoch: never refused)
--          2 receiver id: the cursor's, or a new one   3 owner token   4 lease, ms   5 ack: client | none
--          6 the session's epoch so far, 0 if none     7 a fresh generation
--          8 where: oldest | now | cursor              9 generation  10 sequence  11 check, of the cursor
--          12 window: the most messages in flight, 0 without acknowledgement
--          13 for operators: the node and the transport
-- returns  outcome, now (ms), epoch, generation, sequence, check, reset, gap from, gap to, gap reason,
--          what left (see left_of)
--          outcome: open | refused (another receiver is present); reset: '' for none, lost | failover

local mode, receiver, owner, lease, ack = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local known_epoch, spare, where = tonumber(ARGV[6]), ARGV[7], ARGV[8]
local shared = mode == 'shared'

local now = now_ms()
local s = read_state(KEYS, now, spare)

if mode == 'receiver' and where == 'cursor' and s.receiver ~= receiver and is_present(s) then
  return { 'refused', now, 0, '', 0, '', '', 0, 0, '', '' }
end

begin_writes(s)
local sequence, check, reset = 0, '', ''
if where == 'cursor' then
  sequence, check = tonumber(ARGV[10]), ARGV[11]
  reset = find_place(s, ARGV[9], sequence, check, shared)
  if reset == 'lost' then
    sequence = s.first - 1
  elseif mode == 'receiver' then
    -- Coming back with a cursor tells what was received, but never beyond what was sent.
    if ack == 'client' then remove_through(s, sequence, 'acked') end
    note_flushed(s, sequence)
  end
end

if not shared then
  s.epoch, s.owner, s.receiver, s.lease = math.max(s.epoch, known_epoch) + 1, owner, receiver, now + lease
  s.window = tonumber(ARGV[12])
  renew(s, lease)
end
tidy(s)

local from, to, reason = 0, 0, ''
if where == 'now' then
  sequence = s.last
  if not shared then s.sent = math.max(s.sent, s.last) end
elseif where == 'oldest' then
  -- A new receiver has no place yet: it is told what a limit dropped, or was no message, before anybody was sent it, and
  -- of a failover that nobody was told of. That it was told is noted by its first take: this answer may be lost.
  local kept = redis.call('HMGET', KEYS[1], 'dropped', 'malformed', 'untold')
  if not shared and (s.untold or kept[3]) == s.generation then reset = 'failover' end
  local dropped = s.dropped or tonumber(kept[1] or '') or 0
  local highest = math.min(math.max(dropped, s.malformed or tonumber(kept[2] or '') or 0), s.first - 1)
  if not shared and s.sent < highest then
    from, to, reason = s.sent + 1, highest, dropped > s.sent and 'dropped' or 'malformed'
  end
  sequence = s.first - 1
else
  from, to, reason = gap_after(s, sequence)
end
if sequence < s.first then
  sequence, check = s.first - 1, s.check
elseif where == 'now' then
  check = s.lastCheck
end
save(s)
if not shared then
  redis.call('HSET', KEYS[1], 'holder', string.format('%.0f %s %.0f', s.epoch, ARGV[13], now))
  wake(s)
end
return { 'open', now, s.epoch, s.generation, sequence, check, reset, from, to, reason, left_of(s) }
