-- Takes a yes of start.lua back, if it is still the one that holds.
-- ARGV: id, pipeline or '', known (as in start.lua) or ''  ->  1
local id, pipeline, known = ARGV[1], ARGV[2], ARGV[3]
if pipeline ~= '' then redis.call('ZREM', K.starts .. pipeline, id) end
if known ~= '' and redis.call('GET', K.begun .. known) == id then redis.call('DEL', K.begun .. known) end
return 1
