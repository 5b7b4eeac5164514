-- Creates N users of about 1 kB and notes their ids and names: wrk … -s create-users.lua TENANT_URL -- N FILE
-- FILE appears once all are there, or one was refused. wrk itself runs on until its time is over or SIGINT comes.
local report = require("report")
local count, path, file, asked, created = 0, nil, nil, 0, 0

local user = [[{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",]]
    .. [["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"user%d@example.com",]]
    .. [["externalId":"00u%d","name":{"givenName":"Ann","familyName":"Lee%d"},"displayName":"Ann Lee%d",]]
    .. [["title":"Engineer","preferredLanguage":"en-GB","locale":"en-GB","timezone":"Europe/London","active":true,]]
    .. [["emails":[{"value":"user%d@example.com","type":"work","primary":true},]]
    .. [[{"value":"u%d@home.example.com","type":"home"}],]]
    .. [["phoneNumbers":[{"value":"+44 20 7946 %d","type":"work"}],]]
    .. [["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"%d",]]
    .. [["costCenter":"CC-7","organization":"Pharos","division":"Operations","department":"Keepers"}}]]

function init(args)
    count, path = tonumber(args[1]), args[2]
    file = assert(io.open(path .. ".part", "w"))
    fields = report.fields()
    posting = report.fields()
    posting["Content-Type"] = "application/scim+json"
end

function request()
    asked = asked + 1
    -- wrk asks once more than it sends.
    if asked > count + 1 then return wrk.format("GET", wrk.path .. "/ServiceProviderConfig", fields) end
    local i = asked
    return wrk.format("POST", wrk.path .. "/Users", posting, user:format(i, i, i, i, i, i, i, i))
end

function response(status, _, body)
    if not file then return end
    if status == 201 then
        file:write(body:match('"id":"([^"]+)"'), " ", body:match('"userName":"([^"]+)"'), "\n")
        created = created + 1
    elseif status ~= 200 then
        io.stderr:write("create-users: ", status, " ", body, "\n")
    end
    if created == count or status >= 300 then
        file:close()
        file = nil
        os.rename(path .. ".part", path)
        wrk.thread:stop()
    end
end

done = report.done
