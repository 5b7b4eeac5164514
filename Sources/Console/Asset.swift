import ConsoleAssets
import HTTP

/// A file that pages name, at a path that changes with its content, so that browsers may keep it.
struct Asset: Sendable {
    let path: String
    private let type: String
    private let bytes: [UInt8]

    static let style = Asset("style.css", "text/css; charset=utf-8")
    static let script = Asset("console.js", "text/javascript; charset=utf-8")

    static let icon = Asset("icon.svg", "image/svg+xml")

    private init(_ name: String, _ type: String) {
        bytes = EmbeddedFiles.file(name) ?? []
        self.type = type
        // FNV-1a: it tells states of our own file apart, nothing more.
        let mark = bytes.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        path = "/assets/\(String(mark, radix: 16))/\(name)"
    }

    /// The answer to a request for an asset; nil if the path is not one's.
    static func answer(to request: Request) -> Response? {
        guard request.method == .get || request.method == .head else { return nil }
        let path = request.target.path
        guard let asset = [style, script, icon].first(where: { $0.path == path }) else { return nil }
        var response = Response(.ok, contentType: asset.type, body: asset.bytes)
        PageHeaders.add(to: &response)
        response[FieldName("Cache-Control")] = "public, max-age=31536000, immutable"
        return response
    }
}
