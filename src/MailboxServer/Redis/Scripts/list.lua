-- Looks for keys by pattern on the server that holds KEYS[1], a bounded part of them: a scan to the end would hold up all
-- other calls, and miss its own deadline.
--
-- KEYS     1 any key that this server holds; it is not read
-- ARGV     1 where SCAN left off, 0 at first   2 pattern   3 keys a step   4 the most steps
-- returns  where SCAN left off, 0 at the end; then the keys that were found: none, or those of one step

local cursor, found = ARGV[1], {}
for _ = 1, tonumber(ARGV[4]) do
  local page = redis.call('SCAN', cursor, 'MATCH', ARGV[2], 'COUNT', ARGV[3])
  cursor, found = page[1], page[2]
  if cursor == '0' or #found > 0 then break end
end
table.insert(found, 1, cursor)
return found
