-- Changes the title of random users, each time to another one: wrk … -s patch-users.lua TENANT_URL -- FILE [COUNT]
-- COUNT: only of the first so many.
local report = require("report")
local users, count, changes = {}, 0, 0

local body = [[{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],]]
    .. [["Operations":[{"op":"replace","path":"title","value":"Title %d-%09d"}]}]]

function init(args)
    users = report.users(args[1])
    count = tonumber(args[2]) or #users
    start = os.time()
    math.randomseed(start)
    fields = report.fields()
    fields["Content-Type"] = "application/scim+json"
end

function request()
    changes = changes + 1
    return wrk.format("PATCH", wrk.path .. "/Users/" .. users[math.random(count)].id, fields,
        body:format(start, changes))
end

done = report.done
