import Testing

@testable import SQLDatabase

@Suite struct PlaceholdersTests {
    @Test(arguments: [
        ("SELECT ?, ?", "SELECT $1, $2"),
        ("a = '?' AND b = ?", "a = '?' AND b = $1"),
        ("a = 'it''s ?' AND b = ?", "a = 'it''s ?' AND b = $1"),
        ("\"what?\" = ? -- why?\n AND c = ?", "\"what?\" = $1 -- why?\n AND c = $2"),
        ("a - -? /* ? * / ? */ ?", "a - -$1 /* ? * / ? */ $2"),
        ("", ""),
    ])
    func areNumberedOutsideOfQuotesAndComments(_ sql: String, _ numbered: String) {
        #expect(Placeholders.numbered(sql) == numbered)
    }
}
