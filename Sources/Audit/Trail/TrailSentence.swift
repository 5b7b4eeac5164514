internal import Storage

/// A record as a sentence: who did what, and where that came from.
package struct TrailSentence {
    /// Who did what.
    package let text: String
    /// By which address, token and request; empty if nothing of it is in the record.
    package let origin: String
    /// To the second, in UTC.
    package let time: String
    /// The tenant, or `_system`.
    package let stream: String

    /// Attributes that a sentence names.
    private static let attributesMax = 8
    private static let clientCharactersMax = 80

    /// Takes the fields of an entry.
    package init(_ fields: [(name: String, value: String)]) { self.init(TrailFields(fields)) }

    init(_ record: TrailFields) {
        stream = Self.harmless(record["SCIM_STREAM"])
        time = Self.harmless(
            String(record["SCIM_TIME"].prefix(19)).replacing("T", with: " ")
        )
        let who = Self.actor(record)
        let deed = Self.deed(record)
        let isReplay = record["SCIM_EVENT"] == AuditEvent.auditReplay.name
        let count = isReplay ? "" : UInt64(record["SCIM_COUNT"]).map { ", \($0) times" } ?? ""
        if record["SCIM_OUTCOME"] == "failure" {
            let reason = record["SCIM_REASON"]
            let why = reason.isEmpty ? "" : " (\(reason))"
            text = Self.harmless(
                deed.isAboutTrail
                    ? "\(who) \(deed.wish)\(why)\(Self.details(record))."
                    : "\(who) wanted to \(deed.wish), and was refused\(why)\(count)."
            )
        } else {
            text = Self.harmless("\(who) \(deed.done)\(count)\(Self.details(record)).")
        }
        origin = Self.harmless(Self.origin(record))
    }

    /// One line: time, stream, sentence, origin.
    package var line: String {
        "\(time)  \(stream)  \(text)\(origin.isEmpty ? "" : " (\(origin))")"
    }

    /// What is done, in the past and as a wish.
    private struct Deed {
        let done: String
        let wish: String
        /// Whether a failure is what happened, and no refusal of a wish.
        var isAboutTrail = false

        init(_ done: String, _ wish: String) {
            self.done = done
            self.wish = wish
        }

        init(happened: String) {
            done = happened
            wish = happened
            isAboutTrail = true
        }
    }

    private static func deed(_ record: TrailFields) -> Deed {
        guard let event = AuditEvent(rawValue: record["SCIM_EVENT"]) else {
            return Deed(happened: "left a record that this program does not know")
        }
        switch event {
        case .userCreate, .userReplace, .userUpdate, .userActivate, .userDeactivate, .userPassword,
            .userDelete,
            .groupCreate, .groupReplace, .groupUpdate, .groupMembers, .groupDelete, .resourceCreate,
            .resourceUpdate, .resourceDelete, .resourceRead, .resourceSearch:
            return ofResource(event, target(record))
        case .bulkRequest:
            let count = record["SCIM_RESULTS"]
            let operations = count.isEmpty ? "" : " with \(count) operations"
            return Deed("sent a bulk request\(operations)", "have a bulk request carried out")
        case .authFailure: return Deed("came in", "be let in")
        case .accessDenied: return Deed("was let in", "use SCIM, which is not enabled")
        case .rateLimited: return Deed("asked often", "ask more often than is allowed")
        case .requestRejected: return Deed("sent a request", "have a request carried out")
        case .tenantCreate, .tenantUpdate, .tenantSuspend, .tenantResume, .tenantDelete, .tokenIssue,
            .tokenRotate, .tokenRevoke, .tokenRetire, .tokenExpiring, .tokenExpired, .schemaChange:
            return ofTenant(event, record)
        case .importStart: return Deed("began an import", "begin an import")
        case .importStop: return Deed("stopped an import", "stop an import")
        case .consoleLink: return Deed("made a link to the console", "make a link to the console")
        case .consoleSignIn, .consoleRefused:
            return Deed("signed in to the console", "sign in to the console")
        case .consoleSignOut: return Deed("signed out of the console", "sign out of the console")
        case .consoleRehearse: return Deed("rehearsed an identity provider", "rehearse an identity provider")
        case .configReload: return Deed("read the certificate again", "read the certificate again")
        case .serviceStart, .serviceStop, .clockAhead, .clockBehind, .storeSnapshot, .storeRestore,
            .auditCheckpoint, .auditReplay,
            .auditDegraded, .auditRecovered, .auditRefusing, .auditPolicy, .auditVerify:
            return ofService(event, record)
        }
    }

    private static func ofResource(_ event: AuditEvent, _ target: String) -> Deed {
        switch event {
        case .userCreate, .groupCreate, .resourceCreate: Deed("created \(target)", "create \(target)")
        case .userReplace, .groupReplace: Deed("replaced \(target)", "replace \(target)")
        case .userActivate: Deed("activated \(target)", "activate \(target)")
        case .userDeactivate: Deed("deactivated \(target)", "deactivate \(target)")
        case .userPassword:
            Deed("sent a password for \(target), which was thrown away", "set a password of \(target)")
        case .userDelete, .groupDelete, .resourceDelete: Deed("deleted \(target)", "delete \(target)")
        case .groupMembers:
            Deed("changed the members of \(target)", "change the members of \(target)")
        case .resourceRead: Deed("read \(target)", "read \(target)")
        case .resourceSearch: Deed("searched", "search")
        default: Deed("changed \(target)", "change \(target)")
        }
    }

    private static func ofTenant(_ event: AuditEvent, _ record: TrailFields) -> Deed {
        let credential = record["SCIM_CREDENTIAL_ID"]
        let token = credential.isEmpty ? "a token" : "the token \(credential)"
        let end = record["SCIM_EXPIRES"].isEmpty ? "" : ", which ends on \(record["SCIM_EXPIRES"].prefix(10))"
        return switch event {
        case .tenantCreate: Deed("created the tenant", "create the tenant")
        case .tenantUpdate:
            record["SCIM_CLIENT"].isEmpty
                ? Deed("changed a setting of the tenant", "change a setting of the tenant")
                : Deed("recognised the client \(record["SCIM_CLIENT"])", "recognise a client")
        case .tenantSuspend: Deed("disabled SCIM", "disable SCIM")
        case .tenantResume: Deed("enabled SCIM", "enable SCIM")
        case .tenantDelete: Deed("deleted the tenant", "delete the tenant")
        case .tokenIssue: Deed("made \(token)\(end)", "make a token")
        case .tokenRotate:
            Deed("made \(token) in place of another one\(end)", "make a token in place of another one")
        case .tokenRevoke: Deed("ended \(token)", "end \(token)")
        case .tokenRetire:
            Deed("decided that \(token) ends once it is not used", "decide when \(token) ends")
        case .tokenExpiring: Deed("noticed that \(token) ends soon\(end)", "")
        case .tokenExpired: Deed("noticed that \(token) has ended", "")
        default: Deed("changed schemas or resource types", "change schemas or resource types")
        }
    }

    private static func ofService(_ event: AuditEvent, _ record: TrailFields) -> Deed {
        switch event {
        case .serviceStart:
            Deed(
                happened: record["SCIM_START"] == "recovered"
                    ? "started, after it had ended without being asked to" : "started"
            )
        case .serviceStop: Deed(happened: "stopped")
        case .clockAhead:
            Deed(happened: "refused changes until now, since the clock was \(seconds(record)) ahead")
        case .clockBehind:
            Deed(happened: "noticed that the clock is \(seconds(record)) behind the last change")
        case .storeSnapshot: Deed("made a copy of the store", "make a copy of the store")
        case .storeRestore:
            Deed(
                "put an older copy of the store back, so that a new trail begins",
                "put a copy of the store back"
            )
        case .auditCheckpoint:
            Deed("signed where the streams of records end", "sign the trail")
        case .auditReplay:
            Deed(
                "sent \(record["SCIM_COUNT"].isEmpty ? "" : "\(record["SCIM_COUNT"]) ")records again that the journal lacked",
                "send records again"
            )
        case .auditDegraded: Deed(happened: "cannot get records to the journal")
        case .auditRecovered: Deed(happened: "gets records to the journal again")
        case .auditRefusing: Deed(happened: "refuses changes, since too many records wait for the journal")
        case .auditPolicy: Deed("changed what is recorded", "change what is recorded")
        default: Deed("verified the trail", "verify the trail")
        }
    }

    private static func seconds(_ record: TrailFields) -> String {
        let count = record["SCIM_CLOCK_SECONDS"]
        return count.isEmpty ? "far" : "\(count) s"
    }

    private static func target(_ record: TrailFields) -> String {
        let type = record["SCIM_TARGET_TYPE"]
        let id = record["SCIM_TARGET_ID"]
        let noun = type == "User" || type == "Group" ? type.lowercased() : type
        return id.isEmpty ? "a \(noun.isEmpty ? "resource" : noun)" : "\(noun) \(id)"
    }

    private static func actor(_ record: TrailFields) -> String {
        switch record["SCIM_ACTOR_TYPE"] {
        case "client":
            let agent = record["SCIM_USER_AGENT"]
            guard !agent.isEmpty else { return "A client" }
            // It is the client that says so: in quotation marks, so that it is not taken for what the trail says.
            let name = String(agent.map { "“”".contains($0) ? "\"" : $0 }.prefix(clientCharactersMax))
            return "The client “\(name)”"
        case "system": return "The server"
        case "anonymous": return "Somebody without a good token"
        default:
            let id = record["SCIM_ACTOR_ID"]
            return id.isEmpty ? "An operator" : id
        }
    }

    /// Which attributes and how many members.
    private static func details(_ record: TrailFields) -> String {
        var parts: [String] = []
        let attributes = record.all("SCIM_ATTR")
        let more = attributes.count - attributesMax + (Int(record["SCIM_ATTR_MORE"]) ?? 0)
        if !attributes.isEmpty {
            let named = attributes.prefix(attributesMax).map(shortName).joined(separator: ", ")
            let change =
                record["SCIM_SETTING_NEW"].isEmpty
                ? "" : " from \(record["SCIM_SETTING_OLD"]) to \(record["SCIM_SETTING_NEW"])"
            parts.append((more > 0 ? "\(named) and \(more) more" : named) + change)
        }
        for (field, word) in [("SCIM_MEMBERS_ADDED", "added"), ("SCIM_MEMBERS_REMOVED", "removed")] {
            guard let count = Int(record[field]), count > 0 else { continue }
            parts.append("\(count) member\(count == 1 ? "" : "s") \(word)")
        }
        if let waiting = UInt64(record["SCIM_OUTBOX_RECORDS"]), waiting > 0 {
            parts.append("\(waiting) wait")
        }
        return parts.isEmpty ? "" : ": \(parts.joined(separator: "; "))"
    }

    /// Of an attribute in an extension, the extension's URN says less than the name.
    private static func shortName(_ path: String) -> String {
        path.hasPrefix("urn:") ? path.split(separator: ":").last.map(String.init) ?? path : path
    }

    private static func origin(_ record: TrailFields) -> String {
        // A record of a token names it in the sentence.
        let isOfToken = record["SCIM_EVENT"].hasPrefix("token.")
        return [
            ("from", "SCIM_IP"), ("with the token", isOfToken ? "" : "SCIM_CREDENTIAL_ID"),
            ("request", "SCIM_REQUEST_ID"),
        ].compactMap { word, field in
            let value = record[field]
            return value.isEmpty ? nil : "\(word) \(value)"
        }.joined(separator: ", ")
    }

    /// Without characters that a terminal obeys, or that turn the direction of what stands around them.
    private static func harmless(_ text: String) -> String {
        var shown = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x00...0x1F, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069: shown += "?"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }
}
