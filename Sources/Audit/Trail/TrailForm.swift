package import JSON

/// Records in forms that other programs read.
package enum TrailForm: String, Sendable, CaseIterable {
    /// An event of the Open Cybersecurity Schema Framework (https://schema.ocsf.io).
    case ocsf
    /// The claims of a Security Event Token as the SCIM profile has them (RFC 9967, RFC 8417), not signed; changes of resources only.
    case set
}

extension TrailForm {
    /// A record in this form; nil if the form does not tell of such events.
    package func object(_ fields: [(name: String, value: String)]) -> JSONObject? {
        let record = TrailFields(fields)
        guard let event = AuditEvent(rawValue: record["SCIM_EVENT"]) else { return nil }
        return switch self {
        case .ocsf: Self.ocsf(record, event)
        case .set: Self.securityEvent(record, event)
        }
    }
}

// MARK: - OCSF

extension TrailForm {
    /// Class and activity of an event; nil for those of the server itself.
    private static func activity(_ event: AuditEvent, _ record: TrailFields) -> (type: Int, activity: Int)? {
        switch event {
        case .userCreate: (3_007, 1)
        case .userReplace, .userUpdate: (3_007, 2)
        case .userDelete: (3_007, 3)
        case .userActivate: (3_007, 4)
        case .userDeactivate: (3_007, 5)
        case .userPassword: (3_007, 8)
        case .tokenIssue, .tokenRotate: (3_007, 18)
        case .tokenRevoke: (3_007, 19)
        case .groupMembers: (3_006, record["SCIM_MEMBERS_ADDED"] == "0" ? 4 : 3)
        case .groupDelete: (3_006, 5)
        case .groupCreate: (3_006, 6)
        case .groupReplace, .groupUpdate: (3_006, 9)
        case .resourceCreate, .tenantCreate: (3_004, 1)
        case .resourceRead, .resourceSearch: (3_004, 2)
        case .resourceUpdate, .tenantUpdate, .schemaChange, .configReload, .tokenRetire: (3_004, 3)
        case .resourceDelete, .tenantDelete: (3_004, 4)
        case .tenantSuspend: (3_004, 12)
        case .tenantResume: (3_004, 13)
        case .authFailure, .consoleSignIn, .consoleRefused: (3_002, 1)
        case .consoleSignOut: (3_002, 2)
        case .bulkRequest, .accessDenied, .rateLimited, .requestRejected, .importStart, .importStop,
            .consoleLink,
            .consoleRehearse, .tokenExpiring, .tokenExpired:
            (6_003, 99)
        case .serviceStart, .serviceStop, .clockAhead, .clockBehind, .storeSnapshot, .storeRestore,
            .auditCheckpoint, .auditReplay,
            .auditDegraded, .auditRecovered, .auditRefusing, .auditPolicy, .auditVerify:
            nil
        }
    }

    private static func ocsf(_ record: TrailFields, _ event: AuditEvent) -> JSONObject? {
        guard let (type, activity) = activity(event, record) else { return nil }
        let isFailure = record["SCIM_OUTCOME"] == "failure"
        let time = Timestamp(rfc3339: record["SCIM_TIME"])?.microseconds ?? 0
        var members = [
            number("class_uid", type), number("category_uid", type / 1_000), number("activity_id", activity),
            number("type_uid", type * 100 + activity), number("time", Int(time / 1_000)),
            // 1 informational, 3 medium.
            number("severity_id", isFailure ? 3 : 1), number("status_id", isFailure ? 2 : 1),
            text("message", TrailSentence(record).text),
        ]
        if isFailure { members.append(text("status_code", record["SCIM_REASON"])) }
        members.append(object("metadata", metadata(record, event)))
        members.append(object("actor", [object("user", actor(record))]))
        if !record["SCIM_IP"].isEmpty {
            members.append(object("src_endpoint", [text("ip", record["SCIM_IP"])]))
        }
        if !record["SCIM_METHOD"].isEmpty {
            members.append(object("http_request", request(record)))
            if let status = Int(record["SCIM_STATUS"]) {
                members.append(object("http_response", [number("code", status)]))
            }
        }
        let id = record["SCIM_TARGET_ID"]
        switch type {
        case _ where id.isEmpty: break
        case 3_007: members.append(object("user", [text("uid", id)]))
        case 3_006:
            members.append(object("group", [text("uid", id)]))
            let field = activity == 4 ? "SCIM_MEMBER_REMOVED" : "SCIM_MEMBER_ADDED"
            if let member = record.all(field).first { members.append(object("user", [text("uid", member)])) }
        default:
            members.append(object("entity", [text("uid", id), text("type", record["SCIM_TARGET_TYPE"])]))
        }
        members.append(object("unmapped", unmapped(record)))
        return JSONObject(uniqueMembers: members)
    }

    private static func metadata(_ record: TrailFields, _ event: AuditEvent) -> [JSONObject.Member] {
        var members = [
            text("version", "1.8.0"), object("product", [text("name", "pharos-scim")]),
            text("event_code", event.name),
            text("uid", "\(record["SCIM_STORE"]).\(record["SCIM_STREAM"]).\(record["SCIM_SEQ"])"),
        ]
        if !record["SCIM_TENANT"].isEmpty { members.append(text("tenant_uid", record["SCIM_TENANT"])) }
        if !record["SCIM_REQUEST_ID"].isEmpty {
            members.append(text("correlation_uid", record["SCIM_REQUEST_ID"]))
        }
        return members
    }

    private static func actor(_ record: TrailFields) -> [JSONObject.Member] {
        // 1 a user, 3 the system, 4 a service.
        let type =
            switch record["SCIM_ACTOR_TYPE"] {
            case "admin": 1
            case "system": 3
            case "client": 4
            default: 0
            }
        var members = [number("type_id", type)]
        if !record["SCIM_ACTOR_ID"].isEmpty { members.append(text("name", record["SCIM_ACTOR_ID"])) }
        if !record["SCIM_CREDENTIAL_ID"].isEmpty {
            members.append(text("credential_uid", record["SCIM_CREDENTIAL_ID"]))
        }
        return members
    }

    private static func request(_ record: TrailFields) -> [JSONObject.Member] {
        var members = [text("http_method", record["SCIM_METHOD"])]
        if !record["SCIM_USER_AGENT"].isEmpty {
            members.append(text("user_agent", record["SCIM_USER_AGENT"]))
        }
        if !record["SCIM_REQUEST_ID"].isEmpty { members.append(text("uid", record["SCIM_REQUEST_ID"])) }
        return members
    }

    /// What the framework has no place for: enough to find the record in the trail, and to verify it.
    private static func unmapped(_ record: TrailFields) -> [JSONObject.Member] {
        ["SCIM_STREAM", "SCIM_SEQ", "SCIM_HASH", "SCIM_VERSION_OLD", "SCIM_VERSION_NEW", "SCIM_COUNT"]
            .filter { !record[$0].isEmpty }.map { text($0, record[$0]) } + [
                list("SCIM_ATTR", record.all("SCIM_ATTR"))
            ]
    }
}

// MARK: - Security Event Tokens

extension TrailForm {
    /// What stands behind `urn:ietf:params:scim:event:` for an event; nil if the profile has none (RFC 9967 §2.4).
    private static func name(_ event: AuditEvent) -> String? {
        switch event {
        case .userCreate, .groupCreate, .resourceCreate: "prov:create:notice"
        case .userReplace, .groupReplace: "prov:put:notice"
        case .userUpdate, .userPassword, .groupUpdate, .groupMembers, .resourceUpdate: "prov:patch:notice"
        case .userActivate: "prov:activate"
        case .userDeactivate: "prov:deactivate"
        case .userDelete, .groupDelete, .resourceDelete: "prov:delete"
        default: nil
        }
    }

    private static func securityEvent(_ record: TrailFields, _ event: AuditEvent) -> JSONObject? {
        let id = record["SCIM_TARGET_ID"]
        guard record["SCIM_OUTCOME"] == "success", !id.isEmpty, let name = name(event),
            let time = Timestamp(rfc3339: record["SCIM_TIME"])
        else { return nil }
        let attributes = event == .groupMembers ? ["members"] : record.all("SCIM_ATTR")
        let payload = name.hasSuffix("notice") ? [list("attributes", attributes)] : []
        var members = [
            text("jti", "\(record["SCIM_STORE"]).\(record["SCIM_STREAM"]).\(record["SCIM_SEQ"])"),
            number("iat", Int(time.microseconds / 1_000_000)),
        ]
        if !record["SCIM_REQUEST_ID"].isEmpty { members.append(text("txn", record["SCIM_REQUEST_ID"])) }
        members.append(
            object(
                "sub_id",
                [text("format", "scim"), text("uri", "/\(endpoint(record["SCIM_TARGET_TYPE"]))/\(id)")]
            )
        )
        members.append(object("events", [object("urn:ietf:params:scim:event:\(name)", payload)]))
        return JSONObject(uniqueMembers: members)
    }

    /// The endpoint of a resource type: records name the type, and a tenant's own types have theirs after it.
    private static func endpoint(_ type: String) -> String { type.hasSuffix("s") ? type : "\(type)s" }
}

// MARK: - Members

extension TrailForm {
    private static func text(_ name: String, _ value: String) -> JSONObject.Member {
        .init(name: name, value: .string(value))
    }

    private static func number(_ name: String, _ value: Int) -> JSONObject.Member {
        .init(name: name, value: .number(JSONNumber(value)))
    }

    private static func object(_ name: String, _ members: [JSONObject.Member]) -> JSONObject.Member {
        .init(name: name, value: .object(JSONObject(uniqueMembers: members)))
    }

    private static func list(_ name: String, _ values: [String]) -> JSONObject.Member {
        .init(name: name, value: .array(values.map(JSONValue.string)))
    }
}
