import HTTP
import Testing

@Suite("Request targets")
struct TargetTests {
    @Test(
        "RFC 3986 §3.3: segments are decoded, and empty ones dropped as careless base URLs need",
        arguments: [
            ("/", []), ("//Users", ["Users"]), ("/Users/", ["Users"]), ("/a//b///c/", ["a", "b", "c"]),
            ("/acme/scim/v2/Users?x=/y", ["acme", "scim", "v2", "Users"]),
            ("/Users/a%20b%2Bc+d", ["Users", "a b+c+d"]), ("/caf%C3%A9", ["caf\u{E9}"]), ("/...", ["..."]),
            ("http://a.example/x/y", ["x", "y"]), ("http://a.example", []), ("*", []),
        ] as [(String, [String])]
    )
    func segments(text: String, expected: [String]) throws {
        #expect(try Target(text).segments == expected)
    }

    @Test(
        "E-06: query parameters are percent-decoded, + is a space, stray separators are dropped",
        arguments: [
            ("/", [:]), ("/Users?", [:]), ("/Users?&", [:]), ("/?a=b&", ["a": "b"]), ("/?&&a=b", ["a": "b"]),
            ("/?a", ["a": ""]), ("/?a=", ["a": ""]), ("/?=b", ["": "b"]), ("/?a=b=c", ["a": "b=c"]),
            ("/?a=1&a=2", ["a": "1", "a": "2"]), ("/?a+b=c+d", ["a b": "c d"]),
            ("/?a=%2B%26%3D", ["a": "+&="]),
            ("/?filter=userName%20eq%20%22a%22&count=1", ["filter": "userName eq \"a\"", "count": "1"]),
            ("/?filter=userName+eq+\"x\"&", ["filter": "userName eq \"x\""]), ("/?a=?/", ["a": "?/"]),
            ("/?a=%C3%A9%0A", ["a": "\u{E9}\n"]),
        ] as [(String, KeyValuePairs<String, String>)]
    )
    func query(text: String, expected: KeyValuePairs<String, String>) throws {
        let expected = expected.map { Target.QueryItem(name: $0.key, value: $0.value) }
        #expect(try Target(text).queryItems == expected)
    }

    @Test("The raw parts of a target stay as they were sent")
    func parts() throws {
        let target = try Target("http://a.example:80//x%20y/?q=%20")
        #expect(target.text == "http://a.example:80//x%20y/?q=%20")
        #expect(target.path == "//x%20y/")
        #expect(target.query == "q=%20")
        #expect(target.authority == "a.example:80")
        #expect(!target.isAsterisk)
        #expect(target.withQueryBytes { $0.count } == 5)
        #expect(try Target("*").isAsterisk)
        #expect(try Target("*").path == "*")
        #expect(try Target("http://a").path == "/")
        #expect(try Target("/").query == nil)
        #expect(try Target("/?").query?.isEmpty == true)
    }

    @Test(
        "A target that would be refused on the wire is refused here",
        arguments: ["", "x", "/%", "/../a", "/a b"]
    )
    func refused(text: String) {
        #expect(throws: Rejection.self) { try Target(text) }
    }
}
