-- Adds and removes random users as members of groups: wrk … -s patch-members.lua TENANT_URL -- FILE [COUNT]
-- FILE.groups holds the ids of the groups, one in a line. COUNT: only the first so many.
local report = require("report")
local users, groups, count = {}, {}, 0

local add = [[{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],]]
    .. [["Operations":[{"op":"add","path":"members","value":[{"value":"%s"}]}]}]]
local remove = [[{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],]]
    .. [["Operations":[{"op":"remove","path":"members[value eq \"%s\"]"}]}]]

function init(args)
    users = report.users(args[1])
    for line in io.lines(args[1] .. ".groups") do groups[#groups + 1] = line end
    count = tonumber(args[2]) or #groups
    math.randomseed(os.time())
    fields = report.fields()
    fields["Content-Type"] = "application/scim+json"
end

function request()
    local body = math.random(2) == 1 and add or remove
    return wrk.format("PATCH", wrk.path .. "/Groups/" .. groups[math.random(count)], fields,
        body:format(users[math.random(#users)].id))
end

done = report.done
