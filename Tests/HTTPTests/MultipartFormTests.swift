import Testing

@testable import HTTP

@Suite("Forms with files (RFC 7578)")
struct MultipartFormTests {
    private static let type = "multipart/form-data; boundary=b"

    private static func form(_ text: String, _ type: String = type) -> MultipartForm? {
        MultipartForm(Array(text.utf8), contentType: type)
    }

    private static func part(_ head: String, _ content: String = "1") -> String {
        "\(head)\r\n\r\n\(content)"
    }

    @Test("Fields and files are read as a browser writes them")
    func accepted() throws {
        let form = try #require(
            Self.form(
                "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
                    + "--b\r\ncontent-disposition: form-data; name=\"f\"; filename=\"a%22;b.csv\"\r\nContent-Type: text/csv\r\n\r\n"
                    + "x\n--b\n\r\n--\r\n--b--\r\n"
            )
        )
        #expect(form.parts.map(\.name) == ["a", "f"] && form.parts.map(\.fileName) == [nil, "a\";b.csv"])
        #expect(form.parts[0].content == Array("1".utf8))
        // What only looks like a boundary's line belongs to the file.
        #expect(form.parts[1].content == Array("x\n--b\n\r\n--".utf8))
    }

    @Test("A body without a line break behind its end is whole, too, and one without parts is a form")
    func edges() {
        #expect(
            Self.form("--b\r\n\(Self.part("Content-Disposition: form-data; name=\"a\""))\r\n--b--")?.parts
                .count == 1
        )
        #expect(Self.form("--b--\r\n")?.parts.isEmpty == true)
        let quoted = "multipart/form-data; boundary=\"b:1\""
        #expect(Self.form("--b:1--", quoted) != nil)
    }

    @Test(
        "What two readers could understand differently is refused",
        arguments: [
            "", "x", "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--bb\r\n--b--", "--b",
            "--b\n", "--b\r\n", "--b--x", "--b--\r\nx", "x--b--", "--c--",
            "--b\r\n\r\n\r\n1\r\n--b--",
            "--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--",
            "--b\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\n1\r\n--b--",
            "--b\r\nContent-Disposition: form-data; filename=\"a\"\r\n\r\n1\r\n--b--",
            "--b\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--b--",
            "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1",
            "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b",
        ]
    )
    func refused(text: String) { #expect(Self.form(text) == nil) }

    @Test(
        "A type without a boundary, or with a wrong one, is refused",
        arguments: [
            "", "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=a b",
            "multipart/mixed; boundary=b", "multipart/form-data; x=b",
            "multipart/form-data; boundary=" + String(repeating: "b", count: 71),
        ]
    )
    func types(type: String) { #expect(Self.form("--b--", type) == nil) }

    @Test("Parts and their heads have bounds")
    func bounds() {
        let part = "--b\r\n\(Self.part("Content-Disposition: form-data; name=\"a\""))\r\n"
        let most = String(repeating: part, count: MultipartForm.partsMax)
        #expect(Self.form(most + "--b--") != nil && Self.form(most + part + "--b--") == nil)
        let long = String(repeating: "x", count: MultipartForm.headBytesMax)
        #expect(
            Self.form(
                "--b\r\n\(Self.part("X: \(long)\r\nContent-Disposition: form-data; name=\"a\""))\r\n--b--"
            ) == nil
        )
    }
}
