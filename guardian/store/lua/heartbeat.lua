-- A worker's sign of life. Those of the last day are kept, the newest thousand.
-- ARGV: worker, now, task or ''  ->  1
local worker, now, task = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local KEEP_MS, MOST = 24 * 3600 * 1000, 1000
redis.call('ZADD', K.heartbeats, int(now), worker)
if task == '' then redis.call('HDEL', K.heartbeat_tasks, worker) else redis.call('HSET', K.heartbeat_tasks, worker, task) end
local function forget(workers)
  for _, name in ipairs(workers) do
    redis.call('ZREM', K.heartbeats, name)
    redis.call('HDEL', K.heartbeat_tasks, name)
  end
end
forget(redis.call('ZRANGEBYSCORE', K.heartbeats, '-inf', int(now - KEEP_MS)))
forget(redis.call('ZRANGE', K.heartbeats, 0, -MOST - 1))
redis.call('PEXPIRE', K.heartbeats, KEEP_MS)
redis.call('PEXPIRE', K.heartbeat_tasks, KEEP_MS)
return 1
