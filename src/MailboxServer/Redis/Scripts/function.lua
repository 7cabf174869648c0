-- The function `mailbox_deliver`, for any language: FCALL mailbox_deliver 3 <hash> <list> <index> <body> [name value …]
--
-- KEYS     1 mailbox:{name}   2 mailbox:{name}:messages   3 mailbox:{name}:index
-- ARGV     1 body, then pairs of type, contentType, ttl, topic, idempotencyKey (see deliver.lua)
-- returns  as deliver.lua; an error reply that begins with MAILBOX when an argument is refused, and one that says
--          MAILBOX conflict when the mailbox's hash holds what no script wrote: nothing is stored then
--
-- This file is the frame: the node puts deliver.lua where it says so, and registers the whole as a library.

local MOST_ARGS = 11 -- a body, and each option once; thousands would not fit on Lua's stack

-- Names that begin with ~ are the system's own, here as by REST.
local function refusal(keys, args)
  local name = string.match(keys[1] or '', '{([A-Za-z0-9_%-][A-Za-z0-9._~%-]*)}$')
  if not name or #name > 128 then return 'name' end
  if #keys ~= 3 or keys[2] ~= keys[1] .. ':messages' or keys[3] ~= keys[1] .. ':index' then return 'keys' end
  if not args[1] or #args % 2 == 0 or #args > MOST_ARGS then return 'arguments' end
  if #args[1] > DEFAULTS.maxMessageBytes then return 'body' end
  for i = 2, #args, 2 do
    local option, value = args[i], args[i + 1]
    if option == 'type' then
      local reserved = value == 'open' or value == 'error' or value == 'message' or string.sub(value, 1, 8) == 'mailbox.'
      if reserved or #value > 128 or not string.match(value, '^[A-Za-z0-9._~%-]+$') then return 'type' end
    elseif option == 'contentType' then
      if #value > 256 or not string.match(value, '^[\32-\126]+$') then return 'contentType' end
    elseif option == 'ttl' then
      if #value > 10 or not string.match(value, '^%d+$') then return 'ttl' end
    elseif option == 'topic' then
      if #value > 32 or not string.match(value, '^[A-Za-z0-9_%-]+$') then return 'topic' end
    elseif option == 'idempotencyKey' then
      if #value > 128 or not string.match(value, '^[\33-\126]+$') then return 'idempotencyKey' end
    else
      return 'option'
    end
  end
end

local calls = 0

redis.register_function('mailbox_deliver', function(keys, args)
  local refused = refusal(keys, args)
  if refused then return { err = 'MAILBOX invalid ' .. refused } end

  -- No randomness of a node here: the server's clock, its replication id and what is delivered.
  calls = calls + 1
  local time = redis.call('TIME')
  local seed = time[1] .. '.' .. time[2] .. '.' .. calls .. keys[1] .. lineage()
  local argv = { unpack(args) }
  local function add(name, value)
    argv[#argv + 1] = name
    argv[#argv + 1] = value
  end
  add('nonce', string.sub(redis.sha1hex('nonce' .. seed .. string.sub(args[1], 1, 64)), 1, 16))
  add('generation', string.sub(redis.sha1hex('generation' .. seed), 1, 16))
  for i = 2, #args, 2 do
    if args[i] == 'idempotencyKey' then add('digest', redis.sha1hex(args[1])) end
  end
  local reply = deliver(keys, argv)
  reply[7] = nil -- for nodes
  return reply
end)
