import Testing

@testable import HTTP

@Suite("Methods, names and character classes")
struct VocabularyTests {
    @Test("The character classes are those that the grammars spell out (RFC 9110 §5.6.2, RFC 3986 §3)")
    func byteSets() {
        let alphanumeric = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        let unreserved = alphanumeric + Array("-._~".utf8)
        let subDelimiters = Array("!$&'()*+,;=".utf8)
        let path = unreserved + subDelimiters + Array(":@%/".utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(
                ByteSet.token.contains(byte) == (alphanumeric + Array("!#$%&'*+-.^_`|~".utf8)).contains(byte)
            )
            #expect(ByteSet.host.contains(byte) == (alphanumeric + Array("-._".utf8)).contains(byte))
            #expect(ByteSet.path.contains(byte) == path.contains(byte))
            #expect(ByteSet.query.contains(byte) == (path + Array("?\"[]".utf8)).contains(byte))
        }
    }

    @Test("RFC 9110 §9.1: methods are compared with their case")
    func methods() {
        for method in [
            Method.get, .head, .post, .put, .patch, .delete, .options, .other("PURGE"), .other("get"),
        ] {
            #expect(Method(method.text) == method)
        }
    }

    @Test("RFC 9110 §5.1: field names are compared without case")
    func fieldNames() {
        for field in WellKnownField.allCases {
            #expect(FieldName(field.rawValue.uppercased()) == FieldName(field))
            #expect(FieldName(field).text == field.rawValue)
        }
        #expect(FieldName("X-Own") == FieldName("x-oWN"))
        #expect(FieldName("X-Own") != FieldName("X-Owm"))
        #expect(Set([FieldName("ETag"), .eTag, FieldName("etag")]).count == 1)
        #expect(FieldName("Content-Lengt\u{7C}") != .contentLength)
    }

    @Test("Fields made by a program are found like those of a client")
    func fields() {
        let fields = Fields([(.ifMatch, "W/\"1\""), (FieldName("X-Own"), "a"), (.ifMatch, "*")])
        #expect(fields.count == 3)
        #expect(fields[.ifMatch] == "W/\"1\"")
        #expect(fields.all(.ifMatch) == ["W/\"1\"", "*"])
        #expect(fields[FieldName("x-own")] == "a")
        #expect(Fields()[.host] == nil)
    }

    @Test("A response's field is replaced, not repeated")
    func responseField() {
        var response = Response(.ok, fields: [(.eTag, "1"), (.allow, "GET"), (.eTag, "2")])
        response[.eTag] = "3"
        #expect(response.fields.count == 2)
        #expect(response[.eTag] == "3")
        response[.eTag] = nil
        #expect(response[.eTag] == nil)
    }

    @Test("R-02: every rejection has its status")
    func rejections() {
        let expected: [(Rejection, UInt16)] = [
            (.malformed("x"), 400), (.requestLineTooLong, 414), (.fieldsTooLarge, 431),
            (.bodyTooLarge(limit: 1), 413),
            (.unsupportedVersion, 505), (.methodNotImplemented, 501), (.transferCodingNotImplemented, 501),
            (.expectationFailed, 417), (.timeout, 408), (.tooManyConnections, 503), (.shuttingDown, 503),
        ]
        for (rejection, code) in expected {
            #expect(rejection.status.code == code)
            #expect(rejection.detail.hasSuffix("."))
        }
    }
}
