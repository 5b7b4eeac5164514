import Directory
import HTTP
import JSON
import SCIM
import TestSupport
import Transfer

/// What a client understands of an answer.
enum Hearing {
    /// The answers to the steps of a request.
    static func answers(_ exchange: Exchange, _ response: Response) -> [StepAnswer] {
        let answer = TestAnswer(response)
        guard exchange.form != .single else { return [single(exchange.steps[0], answer)] }
        guard answer.status == 200, case .array(let results)? = answer.value("Operations"),
            results.count == exchange.steps.count
        else {
            return exchange.steps.map { _ in StepAnswer(fate: StepAnswer.fate(answer.status)) }
        }
        return zip(exchange.steps, results).map { result($0, $1) }
    }

    private static func single(_ sent: Sent, _ answer: TestAnswer) -> StepAnswer {
        var heard = StepAnswer(fate: StepAnswer.fate(answer.status))
        guard (200..<400).contains(answer.status) else { return heard }
        heard.tag = answer.response[.eTag]
        heard.id = sent.step.id
        guard case .object(let resource)? = answer.json else { return heard }
        heard.id = resource.text("id")
        heard.shown = shown(resource, sent.step.kind, isRead: sent.step.isRead)
        return heard
    }

    private static func result(_ sent: Sent, _ result: JSONValue) -> StepAnswer {
        guard case .object(let result) = result, let status = result.text("status").flatMap({ Int($0) })
        else {
            return .unknown
        }
        var heard = StepAnswer(fate: StepAnswer.fate(status))
        guard (200..<400).contains(status) else { return heard }
        heard.tag = result.text("version")
        heard.id = result.text("location").flatMap { $0.split(separator: "/").last.map(String.init) }
        return heard
    }

    /// What an answer shows; what follows from other resources counts in reads alone, which are one moment.
    private static func shown(_ resource: JSONObject, _ kind: Kind, isRead: Bool) -> Shown {
        switch kind {
        case .user:
            let groups = resource.elements("groups").map {
                ($0.text("value") ?? "", $0.text("display") ?? "")
            }
            return .user(
                name: resource.text("userName") ?? "",
                title: resource.text("title"),
                groups: isRead ? Dictionary(groups, uniquingKeysWith: { "\($0),\($1)" }) : nil
            )
        case .group:
            return .group(
                name: resource.text("displayName") ?? "",
                members: Set(resource.elements("members").compactMap { $0.text("value") })
            )
        }
    }

    /// The body that the answer's tag names, and what is wrong with the places that name the resource.
    static func body(_ exchange: Exchange, _ response: Response) -> (TaggedBody?, fault: String?) {
        guard exchange.form == .single, [200, 201].contains(Int(response.status.code)) else {
            return (nil, nil)
        }
        guard let tag = response[.eTag], case .object(var resource)? = try? JSONValue(parsing: response.body),
            let id = resource.text("id")
        else { return (nil, "#\(exchange.number): a resource without a tag or an id") }
        guard case .object(let meta)? = resource["meta"], meta.text("version") == tag,
            let location = meta.text("location"),
            location.hasSuffix("/\(exchange.steps[0].step.kind.rawValue)/\(id)"),
            (response[.location] ?? response[.contentLocation]) == location
        else { return (nil, "#\(exchange.number): tag, location and meta do not agree") }
        resource["groups"] = nil
        var text: [UInt8] = []
        JSONValue.object(resource).write(to: &text)
        return (TaggedBody(id: id, tag: tag, text: String(decoding: text, as: UTF8.self)), nil)
    }

    /// The ids of a list.
    static func ids(_ response: Response) -> [String] { TestAnswer(response).texts("Resources", "id") }

    /// What an import's report tells of its lines.
    static func counts(_ report: ImportReport, _ exchange: Exchange) -> ImportCounts {
        ImportCounts(
            created: report.created,
            updated: report.updated,
            unchanged: report.unchanged,
            refused: Set(report.refusals.map { $0.line - 1 })
        )
    }
}

extension JSONObject {
    fileprivate func text(_ name: String) -> String? {
        if case .string(let text)? = self[name] { text } else { nil }
    }

    fileprivate func elements(_ name: String) -> [JSONObject] {
        guard case .array(let elements)? = self[name] else { return [] }
        return elements.compactMap { if case .object(let object) = $0 { object } else { nil } }
    }
}
