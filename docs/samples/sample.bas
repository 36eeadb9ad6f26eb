' Visual Basic 6, not run by the tests.
Sub Main()
    Token = CreateObject("WScript.Shell").Exec("freshet token " & Command$).StdOut.ReadLine

    With CreateObject("WinHttp.WinHttpRequest.5.1")
        .Open "GET", Environ$("INSTANCE_URL") & "/services/data/", False
        .SetRequestHeader "Authorization", "Bearer " & Token
        .Send
        MsgBox .ResponseText
    End With
End Sub
