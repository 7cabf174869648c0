-- Several deliveries at once, each as deliver.lua by itself: what a call costs is paid once for all of them.
--
-- KEYS     of each delivery: 1 hash   2 list   3 index
-- ARGV     of each delivery: how many arguments it has, then those, as deliver.lua
-- returns  of each delivery what deliver.lua returns, or 'failed' and the error that it raised
--
-- This file is the frame: the node puts deliver.lua where it says so.

local replies, at = {}, 1
for i = 1, #KEYS / 3 do
  local last = at + tonumber(ARGV[at])
  local done, reply = pcall(deliver, { KEYS[3 * i - 2], KEYS[3 * i - 1], KEYS[3 * i] }, { unpack(ARGV, at + 1, last) })
  replies[i] = done and reply or { 'failed', type(reply) == 'table' and reply.err or tostring(reply) }
  at = last + 1
end
return replies
