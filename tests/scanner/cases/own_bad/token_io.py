# expect: open-token | io
import io
io.FileIO("api_token.txt")
