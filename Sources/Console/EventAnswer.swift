import HTTP
import JSON

/// Answers of server-sent events: each ends, and a browser asks again behind it.
enum EventAnswer {
    /// When a browser asks again that could not be let in, in milliseconds.
    private static let retryMilliseconds = 5_000

    static func make(_ events: String) -> Response {
        var response = Response(.ok, contentType: "text/event-stream", body: Array("\(events)\n".utf8))
        PageHeaders.add(to: &response)
        return response
    }

    /// Has the browser ask later; it never would after a status that is none of success.
    static var later: Response { make("retry: \(retryMilliseconds)\n") }

    /// The event that changes lines and texts of a page.
    static func lines(_ members: [(String, JSONValue)]) -> String {
        let data = JSONObject(uniqueMembers: members.map { .init(name: $0.0, value: $0.1) })
        var bytes: [UInt8] = []
        JSONValue.object(data).write(to: &bytes)
        return "event: lines\ndata: \(String(decoding: bytes, as: UTF8.self))\n"
    }

    /// An object of texts.
    static func texts(_ name: String, _ text: String) -> JSONValue {
        .object(JSONObject(uniqueMembers: [.init(name: name, value: .string(DisplayText.harmless(text)))]))
    }
}
