-- expect: syntax_error
goto nowhere
