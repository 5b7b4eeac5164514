import HTTP
import JSON
import SCIM
import TestSupport

/// Turns steps into requests, as a client of one tenant sends them.
struct Wire: Sendable {
    let tenant: String
    let token: String

    func request(_ exchange: Exchange) -> Request {
        switch exchange.form {
        case .bulk, .atomic:
            let operations = exchange.steps.enumerated().map { operation($1, at: $0) }
            return request(
                .post,
                "/Bulk",
                #"{"schemas":["\#(BulkRequest.schema)"],"Operations":[\#(operations.joined(separator: ","))]}"#,
                number: exchange.number,
                fields: exchange.form == .atomic ? [(.prefer, "transaction=all")] : []
            )
        case .single, .importing:
            let sent = exchange.steps[0]
            let condition: FieldName = sent.step.isRead ? .ifNoneMatch : .ifMatch
            return request(
                sent.step.method,
                sent.step.path,
                sent.step.body,
                number: exchange.number,
                fields: sent.tag.map { [(condition, $0)] } ?? []
            )
        }
    }

    /// A list of all resources of a kind.
    func list(_ kind: Kind) -> Request { request(.get, "/\(kind.rawValue)?count=100", nil, number: 0) }

    private func request(
        _ method: Method,
        _ path: String,
        _ body: String?,
        number: Int,
        fields: [(FieldName, String)] = []
    ) -> Request {
        guard let target = try? Target("/\(tenant)/scim/v2\(path)") else {
            preconditionFailure("\(path) is no target")
        }
        // The trail repeats the trace id, so that a record tells its request.
        let trace = String(number, radix: 16)
        let traceID = String(repeating: "0", count: 32 - trace.count) + trace
        let own: [(FieldName, String)] = [
            (.authorization, "Bearer \(token)"),
            (FieldName("traceparent"), "00-\(traceID)-0000000000000001-01"),
        ]
        return Request(
            method: method,
            target: target,
            fields: Fields(own + fields),
            body: Array((body ?? "").utf8),
            peer: Peer(address: "192.0.2.1", isSecure: true)
        )
    }

    private func operation(_ sent: Sent, at place: Int) -> String {
        var members = [#""method":"\#(sent.step.method.text)""#, #""path":"\#(sent.step.path)""#]
        if sent.step.id == nil { members.append(#""bulkId":"b\#(place)""#) }
        if let tag = sent.tag { members.append(#""version":"\#(tag.replacing("\"", with: "\\\""))""#) }
        if let body = sent.step.body { members.append(#""data":\#(body)"#) }
        return "{\(members.joined(separator: ","))}"
    }
}

extension Step where ID == String {
    fileprivate var method: Method {
        switch self {
        case .createUser, .createGroup, .importUser: .post
        case .read: .get
        case .replaceUser, .replaceGroup: .put
        case .patchUser, .patchGroup: .patch
        case .delete: .delete
        }
    }

    fileprivate var path: String { "/\(kind.rawValue)" + (id.map { "/\($0)" } ?? "") }

    fileprivate var body: String? {
        switch self {
        case .read, .delete: nil
        case .createUser(let values), .replaceUser(_, let values), .importUser(let values): values.json
        case .createGroup(let values), .replaceGroup(_, let values): values.json
        case .patchUser(_, let name, let title):
            Self.patch([name.map { Self.replace("userName", $0) }, title.map { Self.replace("title", $0) }])
        case .patchGroup(_, let name, let steps):
            Self.patch([name.map { Self.replace("displayName", $0) }] + steps.flatMap(\.operations))
        }
    }

    private static func patch(_ operations: [String?]) -> String {
        let list = operations.compactMap(\.self).joined(separator: ",")
        return #"{"schemas":["\#(PatchRequest.schema)"],"Operations":[\#(list)]}"#
    }

    private static func replace(_ path: String, _ text: String) -> String {
        #"{"op":"replace","path":"\#(path)","value":"\#(text)"}"#
    }
}

extension UserValues {
    fileprivate var json: String {
        let title = title.map { #","title":"\#($0)""# } ?? ""
        return #"{"schemas":["\#(Schema.user.id)"],"userName":"\#(name)"\#(title)}"#
    }
}

extension GroupValues where ID == String {
    fileprivate var json: String {
        #"{"schemas":["\#(Schema.group.id)"],"displayName":"\#(name)","members":\#(list(members))}"#
    }
}

extension MemberStep where ID == String {
    fileprivate var operations: [String?] {
        switch self {
        case .add(let ids): [#"{"op":"add","path":"members","value":\#(list(ids))}"#]
        case .remove(let ids): ids.map { #"{"op":"remove","path":"members[value eq \"\#($0)\"]"}"# }
        case .replace(let ids): [#"{"op":"replace","path":"members","value":\#(list(ids))}"#]
        case .removeAll: [#"{"op":"remove","path":"members"}"#]
        }
    }
}

private func list(_ ids: [String]) -> String {
    "[\(ids.map { #"{"value":"\#($0)"}"# }.joined(separator: ","))]"
}
