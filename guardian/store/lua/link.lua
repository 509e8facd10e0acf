-- Notes the message that last carried an incident on, so that what the sweep sends later hangs below it.
-- ARGV: incident, root id, parent id
if redis.call('EXISTS', K.incident .. ARGV[1]) == 1 then
  redis.call('HSET', K.incident .. ARGV[1], 'root_id', ARGV[2], 'parent_id', ARGV[3])
end
