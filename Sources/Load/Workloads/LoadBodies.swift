/// What load tests send: users of about 1 kB, as identity providers push them, groups and PATCH operations.
enum LoadBodies {
    private static let core = "urn:ietf:params:scim:schemas:core:2.0"
    private static let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

    static func user(_ number: Int, title: String = "Engineer", active: Bool = true) -> String {
        let name = LoadNames.user(number)
        return #"""
            {"schemas":["\#(core):User","\#(enterprise)"],"userName":"\#(name)",\#
            "externalId":"\#(LoadNames.mark(name))",\#
            "name":{"givenName":"Ann","familyName":"Lee\#(number)"},"displayName":"Ann Lee\#(number)",\#
            "title":"\#(title)","preferredLanguage":"en-GB","locale":"en-GB","timezone":"Europe/London",\#
            "active":\#(active),"emails":[{"value":"\#(name)@example.com","type":"work","primary":true},\#
            {"value":"\#(name)@home.example.com","type":"home"}],\#
            "phoneNumbers":[{"value":"+44 20 7946 \#(number)","type":"work"}],\#
            "\#(enterprise)":{"employeeNumber":"\#(number)","costCenter":"CC-7","organization":"Pharos",\#
            "division":"Operations","department":"Keepers"}}
            """#
    }

    static func group(_ number: Int, members: ArraySlice<String>) -> String {
        let name = LoadNames.group(number)
        let list = members.map { #"{"value":"\#($0)"}"# }.joined(separator: ",")
        return #"""
            {"schemas":["\#(core):Group"],"displayName":"\#(name)","externalId":"\#(LoadNames.mark(name))",\#
            "members":[\#(list)]}
            """#
    }

    static func patch(_ operations: String...) -> String {
        #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[\#(operations.joined(separator: ","))]}"#
    }

    static func replaceTitle(_ title: String) -> String {
        patch(#"{"op":"replace","path":"title","value":"\#(title)"}"#)
    }

    static func add(member: String) -> String {
        patch(#"{"op":"add","path":"members","value":[{"value":"\#(member)"}]}"#)
    }

    static func remove(member: String) -> String {
        patch(#"{"op":"remove","path":"members[value eq \"\#(member)\"]"}"#)
    }
}
