# expect: open-env | dotenv_values
import dotenv
dotenv.dotenv_values()
