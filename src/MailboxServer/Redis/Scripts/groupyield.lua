-- The node gives up a group's work, so that another goes on at once.
--
-- KEYS     1 state   2 members   3 outbox
-- ARGV     1 the node
-- returns  1; 0 when it had nothing to give up

if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'owner', 'lease')
wake()
return 1
