' Visual Basic 6, not run by the tests. It has no parser for JSON: freshet exec NAME -- sample.exe
Sub Main()
    With CreateObject("WinHttp.WinHttpRequest.5.1")
        .Open "GET", Environ$("FRESHET_INSTANCE_URL") & "/services/data/", False
        .SetRequestHeader "Authorization", Environ$("FRESHET_AUTHORIZATION")
        .Send
        MsgBox .ResponseText
    End With
End Sub
